package s3

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// policy is the policy of a browser form ("Creating a POST policy" of the S3 API reference): what the
// fields of the form may be.
type policy struct {
	expires    time.Time
	conditions []condition
	min, max   int64 // of the content; max -1 for no bound
}

// condition is one condition on a field.
type condition struct {
	operator string // "eq", "starts-with" or "content-length-range"
	first    string // field with "$" in front, or the least length
	second   string // value, or the greatest length
}

// String is how messages show a condition.
func (c condition) String() string {
	return fmt.Sprintf(`["%s", "%s", "%s"]`, c.operator, c.first, c.second)
}

// parsePolicy reads a policy in base64.
func parsePolicy(encoded string) (*policy, error) {
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(encoded))
	if err != nil {
		return nil, badPolicy("Invalid Policy: Invalid Base64.")
	}
	var document map[string]json.RawMessage // its names are case-sensitive, unlike those of structures
	if err := json.Unmarshal(raw, &document); err != nil {
		return nil, badPolicy("Invalid Policy: Invalid JSON.")
	}
	var expiration string
	if json.Unmarshal(document["expiration"], &expiration) != nil {
		return nil, badPolicy("Invalid Policy: Policy missing expiration.")
	}
	var conditions []json.RawMessage
	if json.Unmarshal(document["conditions"], &conditions) != nil || conditions == nil {
		return nil, badPolicy("Invalid Policy: Policy missing conditions.")
	}
	p := &policy{max: -1}
	if p.expires, err = time.Parse(time.RFC3339, expiration); err != nil {
		return nil, badPolicy("Invalid Policy: Invalid 'expiration' value: '" + expiration + "'")
	}
	for _, raw := range conditions {
		if err := p.add(raw); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func badPolicy(message string) error { return fail(400, "InvalidPolicyDocument", message) }

func denied(message string) error {
	return fail(403, "AccessDenied", "Invalid according to Policy: "+message)
}

// add reads a condition: an object of one property, or a list of operator, field and value.
func (p *policy) add(raw json.RawMessage) error {
	var simple map[string]any
	if json.Unmarshal(raw, &simple) == nil {
		if len(simple) != 1 {
			return badPolicy("Invalid Policy: Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.")
		}
		for field, value := range simple {
			p.conditions = append(p.conditions, condition{"eq", "$" + field, fmt.Sprint(value)})
		}
		return nil
	}
	var list []any
	if json.Unmarshal(raw, &list) != nil {
		return badPolicy("Invalid Policy: Invalid Condition.")
	}
	if len(list) != 3 {
		return badPolicy("Invalid Policy: Invalid Condition: wrong number of arguments.")
	}
	operator, _ := list[0].(string)
	c := condition{strings.ToLower(operator), text(list[1]), text(list[2])}
	switch c.operator {
	case "eq", "starts-with":
		p.conditions = append(p.conditions, c)
		return nil
	case "content-length-range":
		min, minErr := strconv.ParseInt(c.first, 10, 64)
		max, maxErr := strconv.ParseInt(c.second, 10, 64)
		if minErr != nil || maxErr != nil {
			return denied("Policy Condition failed: " + c.String())
		}
		p.min, p.max = min, max
		return nil
	}
	return badPolicy("Invalid Policy: Invalid Condition: unknown operation '" + operator + "'.")
}

// text is a value of JSON as it is compared.
func text(v any) string {
	if n, ok := v.(float64); ok {
		return strconv.FormatFloat(n, 'f', -1, 64)
	}
	return fmt.Sprint(v)
}

// free are the fields that need no condition.
var free = map[string]bool{
	"awsaccesskeyid": true, "signature": true, "policy": true, "x-amz-signature": true, "file": true,
}

// check tests the fields of a form, whose names are in lower case.
func (p *policy) check(fields map[string]string, now time.Time) error {
	if now.After(p.expires) {
		return denied("Policy expired.")
	}
	covered := make(map[string]bool)
	for _, c := range p.conditions {
		name, found := strings.CutPrefix(c.first, "$")
		name = strings.ToLower(name)
		if !found || !c.holds(name, fields[name]) {
			return denied("Policy Condition failed: " + c.String())
		}
		covered[name] = true
	}
	for name := range fields {
		if !covered[name] && !free[name] && !strings.HasPrefix(name, "x-ignore-") {
			return denied("Extra input fields: " + name)
		}
	}
	return nil
}

func (c condition) holds(name, value string) bool {
	if c.operator == "eq" {
		return value == c.second
	}
	if name == "content-type" { // a list must hold nothing else
		for one := range strings.SplitSeq(value, ",") {
			if !strings.HasPrefix(one, c.second) {
				return false
			}
		}
		return true
	}
	return strings.HasPrefix(value, c.second)
}
