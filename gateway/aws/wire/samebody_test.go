package wire

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"sort"
	"strconv"
	"strings"
	"time"

	"localcloud/gateway/aws"
)

// sameHeader compares two values of a header; lists may have blanks behind their commas, and what
// follows the type of a body does not matter.
func sameHeader(name, got, want string) bool {
	if strings.EqualFold(name, "Content-Type") {
		got, _, _ = strings.Cut(got, ";")
		want, _, _ = strings.Cut(want, ";")
		return got == want || strings.HasSuffix(got, "xml") && strings.HasSuffix(want, "xml")
	}
	return strings.ReplaceAll(got, ", ", ",") == strings.ReplaceAll(want, ", ", ",")
}

// sameBody compares two bodies for what they say, not for how.
func sameBody(protocol aws.Protocol, want, got []byte) error {
	want, got = bytes.TrimSpace(want), bytes.TrimSpace(got)
	if bytes.Equal(want, got) || saysNothing(want) && saysNothing(got) {
		return nil
	}
	switch {
	case protocol == aws.RPCv2CBOR:
		return same(plain(anyCBOR(want)), plain(anyCBOR(got)))
	case len(want) > 0 && want[0] == '<':
		return same(anyXML(want), anyXML(got))
	}
	if bytes.HasPrefix(want, []byte("Action=")) {
		return same(sortedQuery(form(want)), sortedQuery(form(got)))
	}
	var w, g any
	if err := json.Unmarshal(want, &w); err != nil {
		return fmt.Errorf("got %q, want %q", got, want)
	}
	if err := json.Unmarshal(got, &g); err != nil {
		return fmt.Errorf("got %q, want %q: %w", got, want, err)
	}
	return same(plain(w), plain(g))
}

// plain drops what means nothing in JSON: null members and the __type of unions; times become one text.
func plain(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key, e := range v {
			if v[key] = plain(e); e == nil || key == "__type" {
				delete(v, key)
			}
		}
	case []any:
		for i := range v {
			v[i] = plain(v[i])
		}
	case string:
		if at, ok := parseTimestamp(v, 0); ok && strings.Contains(v, ":") {
			return at.Format(time.RFC3339Nano)
		}
	}
	return v
}

// form is a form with one way of escaping.
func form(body []byte) string {
	pairs, err := parsePairs(string(body), 1000)
	if err != nil {
		return err.Error()
	}
	var parts []string
	for _, p := range pairs {
		parts = append(parts, p.key+"="+scalar(p.value))
	}
	return strings.Join(parts, "&")
}

// saysNothing reports whether a body is empty or an empty structure, which mean the same.
func saysNothing(body []byte) bool {
	switch string(body) {
	case "", "{}", "\xa0", "\xbf\xff":
		return true
	}
	if body[0] != '<' {
		return false
	}
	text := anyXML(body).(string) // an envelope around nothing
	return !strings.Contains(text, `"`) && strings.Contains(text, "Response(")
}

func anyCBOR(data []byte) any {
	if len(data) == 0 {
		return nil
	}
	r := new(cborReader)
	r.reset(data, 100, false)
	v := r.any()
	if r.failure != nil {
		return r.failure.Error()
	}
	return loose(v)
}

// loose makes all numbers floats, since CBOR has several forms of one number.
func loose(v any) any {
	switch v := v.(type) {
	case int64:
		return float64(v)
	case map[string]any:
		for key := range v {
			v[key] = loose(v[key])
		}
	case []any:
		for i := range v {
			v[i] = loose(v[i])
		}
	}
	return v
}

// anyXML is an XML text as a tree without what does not matter: white space between elements,
// prefixes, request ids, and the order of elements with different names.
func anyXML(data []byte) any {
	decoder := xml.NewDecoder(bytes.NewReader(data))
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err.Error()
		}
		if start, ok := token.(xml.StartElement); ok {
			return element(decoder, start)
		}
	}
}

func element(decoder *xml.Decoder, start xml.StartElement) string {
	var parts []string
	for _, a := range start.Attr {
		if a.Name.Space != "xmlns" && a.Name.Local != "xmlns" {
			parts = append(parts, "@"+a.Name.Local+"="+a.Value)
		}
	}
	text, children := "", false
	for {
		token, err := decoder.Token()
		if err != nil {
			return err.Error()
		}
		switch token := token.(type) {
		case xml.StartElement:
			children = true
			if child := element(decoder, token); !isID(token.Name.Local) {
				parts = append(parts, child)
			}
		case xml.CharData:
			text += string(token)
		case xml.EndElement:
			if !children || strings.TrimSpace(text) != "" {
				if text = scalar(text); text != "" {
					parts = append(parts, strconv.Quote(text))
				}
			}
			sort.SliceStable(parts, func(i, j int) bool { return before(parts[i]) < before(parts[j]) })
			return start.Name.Local + "(" + strings.Join(parts, " ") + ")"
		}
	}
}

// before is what elements are ordered by: their name, and for entries of maps the key as well.
func before(part string) string {
	name, rest, _ := strings.Cut(part, "(")
	for _, key := range []string{`key("`, `K("`, `OuterKey("`, `InnerKey("`, `keyName("`, `Attribute("`, `a("`} {
		if strings.HasPrefix(rest, key) {
			return part
		}
	}
	return name
}

func isID(name string) bool {
	switch name {
	case "RequestId", "requestId", "RequestID", "ResponseMetadata", "HostId":
		return true
	}
	return false
}

// scalar makes numbers and times of one value one text: 1, 1.0 and 1.00.
func scalar(text string) string {
	text = strings.TrimSpace(text)
	if at, ok := parseTimestamp(text, 0); ok && strings.Contains(text, ":") {
		return at.Format(time.RFC3339Nano)
	}
	if f, err := strconv.ParseFloat(text, 64); err == nil {
		return strconv.FormatFloat(f, 'g', -1, 64)
	}
	return text
}
