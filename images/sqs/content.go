package sqs

import (
	"cmp"
	"crypto/md5"
	"encoding/binary"
	"encoding/hex"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"localcloud/gateway/aws"
	"localcloud/images/sqs/queue"
)

// maxBatch is the size in bytes of all messages of a batch.
const maxBatch = 1 << 20

// maxAttributes is how many attributes a message can have.
const maxAttributes = 10

func checkBody(body string) error {
	plain := 0
	for plain < len(body) && body[plain] >= ' ' && body[plain] < utf8.RuneSelf {
		plain++
	}
	body = body[plain:]
	for i, c := range body {
		switch {
		case c == 0x9, c == 0xA, c == 0xD, c >= 0x20 && c <= 0xD7FF, c >= 0xE000 && c <= 0xFFFD, c >= 0x10000:
			if c != utf8.RuneError || !broken(body[i:]) {
				continue
			}
		}
		return aws.Errorf("InvalidMessageContents", "Invalid characters found. Valid unicode characters are "+
			"#x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF")
	}
	return nil
}

// broken tells a byte that is no UTF-8 from the replacement character itself.
func broken(s string) bool {
	_, size := utf8.DecodeRuneInString(s)
	return size == 1
}

// readAttributes checks the attributes of a message and puts them in the order of their names.
func readAttributes(in map[string]MessageAttributeValue) ([]queue.Attribute, error) {
	if len(in) == 0 {
		return nil, nil
	}
	if len(in) > maxAttributes {
		return nil, invalid("Number of message attributes [%d] exceeds the allowed maximum [%d].", len(in), maxAttributes)
	}
	out := make([]queue.Attribute, 0, len(in))
	for name, v := range in {
		if err := checkAttributeName(name); err != nil {
			return nil, err
		}
		a, err := readAttribute("user", name, v)
		if err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	slices.SortFunc(out, func(a, b queue.Attribute) int { return cmp.Compare(a.Name, b.Name) })
	return out, nil
}

var attributeName = regexp.MustCompile(`^[\x{00C0}-\x{017F}a-zA-Z0-9_.-]{1,256}$`)

func checkAttributeName(name string) error {
	lower := strings.ToLower(name)
	switch {
	case len(name) > 256 && utf8.RuneCountInString(name) > 256:
		return invalid("Message (user) attribute name must be shorter than 256 characters.")
	case strings.HasPrefix(lower, "aws.") || strings.HasPrefix(lower, "amazon."):
		return invalid("You can't use message attribute names beginning with 'AWS.' or 'Amazon.'. "+
			"These strings are reserved for internal use.: %s", name)
	case !attributeName.MatchString(name), strings.HasPrefix(name, "."), strings.HasSuffix(name, "."), strings.Contains(name, ".."):
		return invalid("Invalid message (user) attribute name: '%s'. It can contain alphanumeric characters, "+
			"hyphens, underscores and periods, must not begin or end with a period, and must not have periods in succession.", name)
	}
	return nil
}

func readAttribute(kind, name string, v MessageAttributeValue) (queue.Attribute, error) {
	a := queue.Attribute{Name: name, Type: v.DataType}
	if v.StringListValues != nil || v.BinaryListValues != nil {
		return a, aws.Errorf("UnsupportedOperation", "Message attribute list values in SendMessage operation are not supported.")
	}
	base, _, _ := strings.Cut(v.DataType, ".")
	switch {
	case v.DataType == "":
		return a, invalid("Message (%s) attribute '%s' must contain a non-empty attribute type.", kind, name)
	case len(v.DataType) > 256:
		return a, invalid("Message (%s) attribute '%s' has a type longer than 256 characters.", kind, name)
	case base != "String" && base != "Number" && base != "Binary":
		return a, invalid("The type of message (%s) attribute '%s' is invalid. You must use only the following supported type prefixes: "+
			"Binary, Number, String.", kind, name)
	}
	if a.Binary = base == "Binary"; a.Binary {
		a.Value = string(v.BinaryValue)
	} else {
		a.Value = value(v.StringValue)
	}
	if a.Value == "" {
		return a, invalid("Message (%s) attribute '%s' must contain a non-empty value of type '%s'.", kind, name, v.DataType)
	}
	if a.Binary {
		return a, nil
	}
	if checkBody(a.Value) != nil {
		return a, invalid("Message (%s) attribute '%s' contains invalid characters in its value.", kind, name)
	}
	if base == "Number" && !isNumber(a.Value) {
		return a, invalid("Can't cast the value of message (%s) attribute '%s' to a number.", kind, name)
	}
	return a, nil
}

func isNumber(s string) bool {
	if strings.ContainsAny(s, "xXpP_nNiI") {
		return false
	}
	_, err := strconv.ParseFloat(s, 64)
	return err == nil
}

// readTrace reads the one system attribute that senders can give.
func readTrace(in map[string]MessageSystemAttributeValue) (string, []queue.Attribute, error) {
	if len(in) == 0 {
		return "", nil, nil
	}
	for name, v := range in {
		if name != "AWSTraceHeader" {
			return "", nil, invalid("Message system attribute name '%s' is invalid.", name)
		}
		a, err := readAttribute("system", name, MessageAttributeValue(v))
		if err != nil {
			return "", nil, err
		}
		if a.Type != "String" {
			return "", nil, invalid("Message system attribute '%s' must be of type 'String'.", name)
		}
		return a.Value, []queue.Attribute{a}, nil
	}
	return "", nil, nil
}

// checkID checks a message group id or a deduplication id.
func checkID(id *string, parameter string) error {
	if id == nil {
		return nil
	}
	good := len(*id) >= 1 && len(*id) <= 128
	for i := 0; good && i < len(*id); i++ {
		good = (*id)[i] > ' ' && (*id)[i] < 0x7f
	}
	if !good {
		return invalidValue(*id, parameter,
			parameter+" can only include alphanumeric and punctuation characters. 1 to 128 in length.")
	}
	return nil
}

func attributesSize(attributes []queue.Attribute) (size int) {
	for i := range attributes {
		size += len(attributes[i].Name) + len(attributes[i].Type) + len(attributes[i].Value)
	}
	return size
}

// attributesMD5 is the digest of attributes, in the order of their names, as the SDKs check it; nil
// where there are none.
func attributesMD5(attributes []queue.Attribute) *string {
	if len(attributes) == 0 {
		return nil
	}
	h := md5.New()
	var length [4]byte
	write := func(s string) {
		binary.BigEndian.PutUint32(length[:], uint32(len(s)))
		h.Write(length[:])
		h.Write([]byte(s))
	}
	for i := range attributes {
		a := &attributes[i]
		write(a.Name)
		write(a.Type)
		if a.Binary {
			h.Write([]byte{2})
		} else {
			h.Write([]byte{1})
		}
		write(a.Value)
	}
	return ptr(hex.EncodeToString(h.Sum(nil)))
}
