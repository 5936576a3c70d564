package wire

import (
	"strings"

	"localcloud/gateway/aws"
)

// failure is an error as the protocols write it: the *aws.Error together with what model and dialect
// say of its code.
type failure struct {
	code      string // shape name: __type in JSON
	queryCode string // in XML, and in x-amzn-query-error
	message   string
	status    int
	sender    bool
	shape     *aws.Shape // nil for an error that the model does not have
	detail    source     // further members; its plan is nil for none
	// extra are further members that the model does not have, which services answer nevertheless.
	extra map[string]any
}

func failureOf(call *aws.Call, e *aws.Error) *failure {
	f := &failure{code: e.Code, queryCode: e.Code, message: e.Message, status: e.Status, sender: !e.Fault}
	if call.Service != nil {
		f.shape = call.Service.Exception(e.Code)
		if json := dialectOf(call).jsonCodes[e.Code]; json != "" && f.shape == nil {
			f.code = json
		}
	}
	if f.shape != nil {
		f.model(f.shape)
		if e.Detail != nil {
			f.detail, _ = sourceOf(f.shape, e.Detail)
		}
	}
	if doc, ok := e.Detail.(map[string]any); ok {
		f.unmodelled(doc)
	}
	if f.status == 0 {
		f.status = 400
		if !f.sender {
			f.status = 500
		}
	}
	if f.status >= 500 {
		f.sender = false
	}
	return f
}

// model adds what the model says of the error.
func (f *failure) model(shape *aws.Shape) {
	trait := &shape.Error
	f.code, f.queryCode = shape.Name, shape.Name
	if trait.Code != "" {
		f.queryCode = trait.Code
	}
	if trait.QueryCode != "" {
		f.queryCode = trait.QueryCode
	}
	if f.status == 0 {
		f.status = trait.Status
	}
	if trait.Fault {
		f.sender = false
	}
}

// unmodelled keeps the members of a detail that the model does not have.
func (f *failure) unmodelled(doc map[string]any) {
	for name, value := range doc {
		if f.shape != nil && f.shape.Member(name) != nil || strings.EqualFold(name, "message") {
			continue
		}
		if f.extra == nil {
			f.extra = make(map[string]any)
		}
		f.extra[name] = value
	}
}

// members calls member with each further member of the error that stands in the body.
func (f *failure) members(member func(m *field)) {
	if f.detail.plan == nil {
		return
	}
	p := f.detail.plan.reply
	for i := range p.fields {
		if m := &p.fields[i]; !isMessage(m) && f.detail.has(m) {
			member(m)
		}
	}
}

// isMessage reports whether a member of an exception is its message, which every error has.
func isMessage(f *field) bool { return strings.EqualFold(f.name, "message") }

// messageName is the name of the message in JSON: the model's, else the usual one.
func (f *failure) messageName(usual string) string {
	if f.shape != nil {
		for i := range f.shape.Members {
			if m := &f.shape.Members[i]; strings.EqualFold(m.Name, "message") {
				return m.WireName()
			}
		}
	}
	return usual
}
