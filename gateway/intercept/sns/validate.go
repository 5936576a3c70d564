package sns

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"localcloud/gateway"
	"localcloud/gateway/aws"
)

// maxMessage is the size in bytes of a message with its attributes ("Amazon SNS endpoints and quotas").
const maxMessage = 256 << 10

// newMessage makes a message out of what was published, after the checks that need no topic.
func (g *Glue) newMessage(call *gateway.Call, in *publishInput) (*message, error) {
	if in.Message == "" {
		return nil, invalid("Empty message")
	}
	if in.Subject != nil && !validSubject(*in.Subject) {
		return nil, invalid("Subject")
	}
	attributes, err := readAttributes(in.MessageAttributes)
	if err != nil {
		return nil, err
	}
	if len(in.Message)+attributesSize(in.MessageAttributes) > maxMessage {
		return nil, invalid("Message too long")
	}
	m := &message{
		ID: newUUID(), Body: in.Message, Attributes: attributes, Time: g.options.Clock.Now().UTC(),
		Trace: call.Request.Header.Get("X-Amzn-Trace-Id"), scheme: call.Scheme, host: call.Host,
	}
	if in.Subject != nil {
		m.Subject, m.HasSubject = *in.Subject, true
	}
	if in.MessageStructure != nil {
		if err := m.readStructure(*in.MessageStructure); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// readStructure reads a message that has bodies of its own for some protocols.
func (m *message) readStructure(structure string) *aws.Error {
	if structure != "json" {
		return invalid("Message Structure - unsupported: %s", structure)
	}
	var bodies map[string]any
	if json.Unmarshal([]byte(m.Body), &bodies) != nil || bodies == nil {
		return invalid("Message Structure - JSON message body failed to parse")
	}
	fallback, ok := bodies["default"].(string)
	if !ok {
		return invalid("Message Structure - No default entry in JSON message body")
	}
	m.Body = fallback
	m.structure = make(map[string]string, len(bodies))
	for protocol, body := range bodies {
		if text, ok := body.(string); ok {
			m.structure[protocol] = text
		}
	}
	return nil
}

// checkTopicRules tests what depends on the topic and fills in group and deduplication id.
func checkTopicRules(t *topic, in *publishInput, m *message) *aws.Error {
	if in.MessageGroupId != nil {
		m.Group = *in.MessageGroupId
	}
	if !t.fifo {
		if in.MessageDeduplicationId != nil {
			return invalid("MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this topic type")
		}
		return nil
	}
	if in.MessageGroupId == nil || *in.MessageGroupId == "" {
		return invalid("The MessageGroupId parameter is required for FIFO topics")
	}
	switch {
	case in.MessageDeduplicationId != nil:
		m.Dedup = *in.MessageDeduplicationId
	case t.contentDedup:
		sum := sha256.Sum256([]byte(in.Message))
		m.Dedup = hex.EncodeToString(sum[:])
	default:
		return invalid("The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly")
	}
	return nil
}

func validSubject(s string) bool {
	if s == "" || utf8.RuneCountInString(s) > 100 || s[0] == ' ' || s[0] == '\t' {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f || r > 0x7e })
}

var phone = regexp.MustCompile(`^\+?[1-9]\d{1,14}$`)

func validPhone(s string) bool { return phone.MatchString(s) }

func attributesSize(attributes map[string]attributeValue) int {
	size := 0
	for name, a := range attributes {
		size += len(name) + len(a.DataType) + len(a.BinaryValue)
		if a.StringValue != nil {
			size += len(*a.StringValue)
		}
	}
	return size
}

func badAttribute(format string, args ...any) *aws.Error {
	return &aws.Error{Code: "ParameterValueInvalid", Message: fmt.Sprintf(format, args...), Status: 400}
}

// readAttributes checks message attributes in the order of their names.
func readAttributes(attributes map[string]attributeValue) (map[string]attribute, error) {
	if len(attributes) == 0 {
		return nil, nil
	}
	read := make(map[string]attribute, len(attributes))
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		a := attributes[name]
		if err := checkAttributeName(name); err != nil {
			return nil, err
		}
		if err := checkAttribute(name, a); err != nil {
			return nil, err
		}
		read[name] = attribute{DataType: a.DataType, Binary: a.BinaryValue}
		if a.StringValue != nil {
			read[name] = attribute{DataType: a.DataType, Text: *a.StringValue}
		}
	}
	return read, nil
}

func checkAttribute(name string, a attributeValue) *aws.Error {
	field, _, _ := strings.Cut(a.DataType, ".")
	binary := field == "Binary"
	switch {
	case !binary && field != "String" && field != "Number":
		return badAttribute("The message attribute '%s' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.", name)
	case binary && a.StringValue != nil:
		return badAttribute("The message attribute '%s' with type '%s' must use field 'Binary'.", name, a.DataType)
	case !binary && a.BinaryValue != nil:
		return badAttribute("The message attribute '%s' with type '%s' must use field 'String'.", name, a.DataType)
	case binary && len(a.BinaryValue) == 0, !binary && (a.StringValue == nil || *a.StringValue == ""):
		return badAttribute("The message attribute '%s' must contain non-empty message attribute value for message attribute type '%s'.", name, a.DataType)
	case field == "Number" && !number.MatchString(*a.StringValue):
		return badAttribute("Could not cast message attribute '%s' value to number.", name)
	}
	return nil
}

var number = regexp.MustCompile(`^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$`)

func checkAttributeName(name string) *aws.Error {
	switch {
	case len(name) > 256:
		return badAttribute("Length of message attribute name must be less than 256 bytes.")
	case strings.HasPrefix(name, "."):
		return badAttribute("Invalid message attribute name starting with character '.' was found.")
	case strings.HasSuffix(name, "."):
		return badAttribute("Invalid message attribute name ending with character '.' was found.")
	}
	for _, c := range name {
		if !isAlphanumeric(c) && c != '-' && c != '_' && c != '.' {
			return badAttribute("Invalid non-alphanumeric character '#x%X' was found in the message attribute name. Can only include alphanumeric characters, hyphens, underscores, or dots.", c)
		}
	}
	if strings.Contains(name, "..") {
		return badAttribute("Message attribute name can not have successive '.' character.")
	}
	return nil
}

func isAlphanumeric(c rune) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}
