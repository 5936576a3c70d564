// Package policy evaluates resource policies: documents of the AWS policy language that a resource
// keeps and that say who may do what with it. It knows what such documents need for calls of other
// accounts: principals, actions, resources and the common conditions.
package policy

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"localcloud/gateway/aws"
)

// Policy is a policy that was read. Nil allows nothing.
type Policy struct {
	Statement statements
}

type statements []statement

type statement struct {
	Sid          string
	Effect       string
	Principal    principals
	NotPrincipal principals
	Action       texts
	NotAction    texts
	Resource     texts
	NotResource  texts
	Condition    map[string]map[string]texts
}

// Request is a call as a policy sees it.
type Request struct {
	Call     *aws.Call // who calls, from where
	Action   string    // "sqs:SendMessage"
	Resource string    // ARN
}

// ErrMalformed is returned for a text that is no policy.
var ErrMalformed = errors.New("policy: malformed document")

// Parse reads a policy.
func Parse(text string) (*Policy, error) {
	var p Policy
	if err := json.Unmarshal([]byte(text), &p); err != nil || len(p.Statement) == 0 {
		return nil, ErrMalformed
	}
	for i := range p.Statement {
		s := &p.Statement[i]
		switch {
		case s.Effect != "Allow" && s.Effect != "Deny",
			s.Principal == nil && s.NotPrincipal == nil,
			s.Action == nil && s.NotAction == nil:
			return nil, ErrMalformed
		}
	}
	return &p, nil
}

// Allows reports whether the policy gives the caller what it asks for: some statement allows it and
// none denies it.
func (p *Policy) Allows(r Request) bool {
	if p == nil {
		return false
	}
	allowed := false
	for i := range p.Statement {
		s := &p.Statement[i]
		deny := s.Effect == "Deny"
		if !s.concerns(r) || !s.holds(r, deny) {
			continue
		}
		if deny {
			return false
		}
		allowed = true
	}
	return allowed
}

func (s *statement) concerns(r Request) bool {
	switch {
	case s.Principal != nil && !s.Principal.match(r.Call), s.NotPrincipal != nil && s.NotPrincipal.match(r.Call),
		s.Action != nil && !s.Action.match(r.Action, true), s.NotAction != nil && s.NotAction.match(r.Action, true),
		s.Resource != nil && !s.Resource.match(r.Resource, false), s.NotResource != nil && s.NotResource.match(r.Resource, false):
		return false
	}
	return true
}

// holds reports whether all conditions hold. One that is not understood holds for a denial and not
// for a permission.
func (s *statement) holds(r Request, deny bool) bool {
	for operator, keys := range s.Condition {
		for key, values := range keys {
			holds, understood := condition(operator, key, values, r)
			if !understood {
				holds = deny
			}
			if !holds {
				return false
			}
		}
	}
	return true
}

func condition(operator, key string, values texts, r Request) (holds, understood bool) {
	actual, known, understood := contextValue(key, r)
	if !understood {
		return false, false
	}
	operator, ifExists := strings.CutSuffix(operator, "IfExists")
	if operator == "Null" {
		return values.match(strconv.FormatBool(!known), true), true
	}
	if !known {
		return ifExists || strings.Contains(operator, "Not"), true
	}
	switch operator {
	case "StringEquals", "StringNotEquals":
		return values.contains(actual) != (operator == "StringNotEquals"), true
	case "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase":
		return values.lower().contains(strings.ToLower(actual)) != (operator == "StringNotEqualsIgnoreCase"), true
	case "StringLike", "ArnLike", "ArnEquals":
		return values.match(actual, false), true
	case "StringNotLike", "ArnNotLike", "ArnNotEquals":
		return !values.match(actual, false), true
	case "Bool":
		return values.match(actual, true), true
	}
	return false, false
}

// contextValue is the value of a condition key in a call. The keys of services that call in
// somebody's name are known, and absent in a call of an account.
func contextValue(key string, r Request) (value string, known, understood bool) {
	switch strings.ToLower(key) {
	case "aws:principalaccount", "aws:sourceowner":
		return r.Call.Account, true, true
	case "aws:principalarn":
		return r.Call.Principal, r.Call.Principal != "", true
	case "aws:requestedregion":
		return r.Call.Region, true, true
	case "aws:securetransport":
		return strconv.FormatBool(r.Call.Scheme == "https"), true, true
	case "aws:sourcearn", "aws:sourceaccount", "aws:principalorgid", "aws:sourceorgid":
		return "", false, true
	}
	return "", false, false
}

// texts are one text or several, with the wildcards * and ?.
type texts []string

func (t texts) match(s string, anyCase bool) bool {
	for _, pattern := range t {
		if anyCase {
			pattern, s = strings.ToLower(pattern), strings.ToLower(s)
		}
		if wildcard(pattern, s) {
			return true
		}
	}
	return false
}

func (t texts) contains(s string) bool {
	for _, text := range t {
		if text == s {
			return true
		}
	}
	return false
}

func (t texts) lower() texts {
	out := make(texts, len(t))
	for i, s := range t {
		out[i] = strings.ToLower(s)
	}
	return out
}

// wildcard matches in time proportional to the product of the lengths at most.
func wildcard(pattern, s string) bool {
	p, i, star, mark := 0, 0, -1, 0
	for i < len(s) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, i
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == s[i]):
			p++
			i++
		case star >= 0:
			mark++
			p, i = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// principals are those whom a statement is about.
type principals map[string]texts

func (p principals) match(call *aws.Call) bool {
	for _, who := range p["AWS"] {
		switch {
		case who == "*", who == call.Account, who == call.Principal && who != "",
			who == "arn:"+call.Partition()+":iam::"+call.Account+":root":
			return true
		}
	}
	return false
}

// UnmarshalJSON reads "*" or an object of kinds of principals.
func (p *principals) UnmarshalJSON(raw []byte) error {
	var all string
	if json.Unmarshal(raw, &all) == nil {
		if all != "*" {
			return ErrMalformed
		}
		*p = principals{"AWS": {"*"}}
		return nil
	}
	return json.Unmarshal(raw, (*map[string]texts)(p))
}

// UnmarshalJSON reads a text, a number, a boolean or a list of them.
func (t *texts) UnmarshalJSON(raw []byte) error {
	var list []any
	if json.Unmarshal(raw, &list) != nil {
		list = make([]any, 1)
		if err := json.Unmarshal(raw, &list[0]); err != nil {
			return err
		}
	}
	*t = make(texts, 0, len(list))
	for _, v := range list {
		switch v := v.(type) {
		case string:
			*t = append(*t, v)
		case bool:
			*t = append(*t, strconv.FormatBool(v))
		case float64:
			*t = append(*t, strconv.FormatFloat(v, 'f', -1, 64))
		default:
			return ErrMalformed
		}
	}
	return nil
}

// UnmarshalJSON reads a statement or a list of them.
func (s *statements) UnmarshalJSON(raw []byte) error {
	var list []statement
	if json.Unmarshal(raw, &list) != nil {
		list = make([]statement, 1)
		if err := json.Unmarshal(raw, &list[0]); err != nil {
			return err
		}
	}
	*s = list
	return nil
}
