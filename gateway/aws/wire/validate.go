package wire

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"unsafe"

	"localcloud/gateway/aws"
)

// Requests are checked in two steps. The first goes through the Go structure and says only whether
// all is well. Where it is not, the request is decoded once more, as a document that still knows what
// was absent, and the second step words every violation.

// maxViolations is how many violations AWS reports at once.
const maxViolations = 10

// validate checks the request that was decoded into t.
func (r *request) validate(t target) error {
	d := dialectOf(r.call)
	if d.validation == validateNone {
		return nil
	}
	if t.at != nil && !r.decoder.missing && r.fits(d, t) {
		return nil
	}
	doc, err := r.document()
	if err != nil {
		return err
	}
	v := violations{dialect: d}
	v.members(doc.plan, doc.doc, "")
	return v.err(r.call)
}

func (r *request) fits(d *dialect, t target) bool {
	if d.validation == validateAll {
		return valid(t.plan, t.at)
	}
	return complete(t.plan, t.at)
}

// document decodes the request once more, as a document.
func (r *request) document() (target, error) {
	doc := make(map[string]any)
	t, err := targetOf(r.call.Operation.Input(), &doc)
	if err != nil {
		return t, err
	}
	again := &request{call: r.call, http: r.http, options: r.options, body: r.body}
	again.decoder.items = r.options.limits().Items
	return t, protocols[r.call.Protocol].decodeRequest(again, t)
}

// complete reports whether no required member is missing in the structure at base.
func complete(p *plan, base unsafe.Pointer) bool {
	if !p.checks.deep || p.custom {
		return true
	}
	for i := range p.fields {
		f := &p.fields[i]
		if f.missing || f.stream {
			continue
		}
		at := f.value(base)
		switch {
		case at == nil:
			if f.member.Required {
				return false
			}
		case f.plan.kind == aws.Structure:
			if !complete(f.plan, at) {
				return false
			}
		case f.plan.kind == aws.List && f.plan.elem.kind == aws.Structure:
			for i := range length(at) {
				if !complete(f.plan.elem, f.plan.element(at, i)) {
					return false
				}
			}
		}
	}
	return true
}

// valid reports whether the variable at at satisfies the constraints of its shape and of all below.
func valid(p *plan, at unsafe.Pointer) bool {
	c := p.checks
	if !c.deep || p.custom {
		return true
	}
	switch p.kind {
	case aws.Structure:
		for i := range p.fields {
			f := &p.fields[i]
			if f.missing || f.stream {
				continue
			}
			if v := f.value(at); v == nil && f.member.Required || v != nil && !valid(f.plan, v) {
				return false
			}
		}
		return true
	case aws.List:
		n := length(at)
		if !c.inRange(float64(n)) {
			return false
		}
		for i := range n {
			if !valid(p.elem, p.element(at, i)) {
				return false
			}
		}
		return true
	case aws.Map:
		return validMap(p, at)
	case aws.String:
		return c.validText(*(*string)(at))
	case aws.Blob:
		return c.inRange(float64(length(at)))
	case aws.Integer:
		return c.inRange(float64(*(*int32)(at)))
	case aws.Long:
		return c.inRange(float64(*(*int64)(at)))
	case aws.Float:
		return c.inRange(float64(*(*float32)(at)))
	case aws.Double:
		return c.inRange(*(*float64)(at))
	}
	return true
}

func validMap(p *plan, at unsafe.Pointer) bool {
	keys := constraintsOf(p.shape.Key.Shape)
	m := p.reflected(at)
	if !p.checks.inRange(float64(m.Len())) {
		return false
	}
	if !keys.own && !p.elem.checks.deep {
		return true
	}
	for entries := m.MapRange(); entries.Next(); {
		if !keys.validText(entries.Key().String()) {
			return false
		}
		elem := reflectCopy(entries.Value())
		if !valid(p.elem, elem) {
			return false
		}
	}
	return true
}

// violations words what is wrong with a document.
type violations struct {
	dialect *dialect
	list    []string
	missing string // name of the first required member that is missing
	empty   string // path of the first empty map that must not be, where the service has words of its own for it
}

func (v *violations) add(path, value, constraint string) {
	if len(v.list) < maxViolations {
		v.list = append(v.list, "Value"+value+" at '"+path+"' failed to satisfy constraint: "+constraint)
	}
}

func (v *violations) members(p *plan, doc map[string]any, path string) {
	for i := range p.fields {
		f := &p.fields[i]
		at := path + lowerFirst(f.name)
		value := doc[f.name]
		switch {
		case value != nil:
			v.value(f.plan, value, at)
		case f.member.Required && !f.stream:
			if v.missing == "" {
				v.missing = f.name
			}
			v.add(at, " null", "Member must not be null")
		}
	}
}

func (v *violations) value(p *plan, value any, path string) {
	if !p.checks.deep {
		return
	}
	for _, constraint := range p.checks.broken(v.dialect, p.shape, value) {
		v.add(path, quoteValue(p.shape, value), constraint)
	}
	if m, ok := value.(map[string]any); ok && len(m) == 0 && p.kind == aws.Map && p.checks.min > 0 && v.dialect.requiredMaps && v.empty == "" {
		v.empty = path
	}
	switch value := value.(type) {
	case map[string]any:
		if p.kind == aws.Structure {
			v.members(p, value, path+".")
			return
		}
		v.entries(p, value, path)
	case []any:
		v.elements(p, value, path)
	}
}

// elements checks a list: what is wrong with a scalar in it is said of the whole list.
func (v *violations) elements(p *plan, list []any, path string) {
	for i, e := range list {
		if isScalar(p.elem.kind) || p.elem.kind == aws.Blob {
			if e != nil && len(p.elem.checks.broken(v.dialect, p.elem.shape, e)) > 0 {
				v.add(path, quoteValue(p.shape, list), "Member must satisfy constraint: ["+p.elem.checks.all(v.dialect, p.elem.shape)+"]")
				return
			}
			continue
		}
		v.value(p.elem, e, path+"."+strconv.Itoa(i+1)+".member")
	}
}

func (v *violations) entries(p *plan, m map[string]any, path string) {
	keys := constraintsOf(p.shape.Key.Shape)
	for _, key := range sortedKeys(m) {
		if !keys.validText(key) {
			v.add(path, quoteValue(p.shape, m), "Map keys must satisfy constraint: ["+keys.all(v.dialect, p.shape.Key.Shape)+"]")
			return
		}
		if isScalar(p.elem.kind) || p.elem.kind == aws.List {
			if len(p.elem.checks.broken(v.dialect, p.elem.shape, m[key])) > 0 {
				v.add(path, quoteValue(p.shape, m), "Map value must satisfy constraint: ["+p.elem.checks.all(v.dialect, p.elem.shape)+"]")
				return
			}
		}
		if !isScalar(p.elem.kind) {
			v.value(p.elem, m[key], path+"."+key+".member")
		}
	}
}

// err is the error that the service answers with, nil for no violations.
func (v *violations) err(call *aws.Call) error {
	if v.empty != "" {
		return &aws.Error{Code: "ValidationException", Status: http.StatusBadRequest,
			Message: "The " + v.empty + " parameter is required for " + call.Operation.Name}
	}
	if v.dialect.validation == validateMissing {
		if v.missing == "" {
			return nil
		}
		return &aws.Error{Code: "MissingParameter", Message: "The request must contain the parameter " + v.missing + ".", Status: http.StatusBadRequest}
	}
	if len(v.list) == 0 {
		return nil
	}
	code := v.dialect.validationCode
	if code == "" {
		code = "ValidationException"
		if call.Protocol == aws.Query || call.Protocol == aws.EC2 {
			code = "ValidationError"
		}
	}
	plural := ""
	if len(v.list) > 1 {
		plural = "s"
	}
	return &aws.Error{Code: code, Status: http.StatusBadRequest,
		Message: fmt.Sprintf("%d validation error%s detected: %s", len(v.list), plural, strings.Join(v.list, "; "))}
}

func lowerFirst(name string) string {
	if name == "" {
		return ""
	}
	return strings.ToLower(name[:1]) + name[1:]
}
