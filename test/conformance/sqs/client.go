package sqs

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// Client calls one endpoint in one protocol, without an SDK between.
type Client struct {
	Endpoint
	Query bool
	Key   string // access key; "" for "test"
}

// as is the client of another account and region.
func (c *Client) as(account, region string) *Client {
	other := *c
	other.Key, other.Region = account, region
	return &other
}

// Values are the members of a message, by their names in the API.
type Values = map[string]any

// Failure is an error as it came.
type Failure struct {
	Code      string // as in JSON: the shape's name
	QueryCode string
	Message   string
	Status    int
}

func (f *Failure) Error() string { return fmt.Sprintf("%d %s: %s", f.Status, f.QueryCode, f.Message) }

// Do calls an operation and returns the members of its answer.
func (c *Client) Do(operation string, in Values) (Values, *Failure, error) {
	req, err := c.request(operation, in)
	if err != nil {
		return nil, nil, err
	}
	key := c.Key
	if key == "" {
		key = "test"
	}
	req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+key+"/20260101/"+c.Region+
		"/sqs/aws4_request, SignedHeaders=host, Signature=0")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, nil, err
	}
	if c.Query {
		return readXML(operation, resp.StatusCode, body)
	}
	return readJSON(resp, body)
}

// must is Do for a call that has to succeed.
func (c *Client) must(t *testing.T, operation string, in Values) Values {
	t.Helper()
	out, failure, err := c.Do(operation, in)
	if err != nil {
		t.Fatal(err)
	}
	if failure != nil {
		t.Fatalf("%s: %v", operation, failure)
	}
	return out
}

func (c *Client) request(operation string, in Values) (*http.Request, error) {
	if c.Query {
		form := url.Values{"Action": {operation}, "Version": {"2012-11-05"}}
		flatten(form, "", in)
		req, err := http.NewRequest(http.MethodPost, c.URL+"/", strings.NewReader(form.Encode()))
		if err == nil {
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
		}
		return req, err
	}
	raw, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequest(http.MethodPost, c.URL+"/", bytes.NewReader(raw))
	if err == nil {
		req.Header.Set("Content-Type", "application/x-amz-json-1.0")
		req.Header.Set("X-Amz-Target", "AmazonSQS."+operation)
		req.Header.Set("X-Amzn-Query-Mode", "true")
	}
	return req, err
}

// queryNames are the names of lists and maps in forms and in XML.
var queryNames = map[string]string{
	"Attributes": "Attribute", "MessageAttributes": "MessageAttribute", "MessageSystemAttributes": "MessageSystemAttribute",
	"tags": "Tag", "Tags": "Tag", "TagKeys": "TagKey", "AWSAccountIds": "AWSAccountId", "Actions": "ActionName",
	"AttributeNames": "AttributeName", "MessageAttributeNames": "MessageAttributeName",
	"Messages": "Message", "QueueUrls": "QueueUrl", "queueUrls": "QueueUrl",
}

// flatten writes members into a form. Entries of batches carry the name of their kind.
func flatten(form url.Values, prefix string, in Values) {
	for name, value := range in {
		key := prefix + name
		if short := queryNames[name]; short != "" {
			key = prefix + short
		}
		switch value := value.(type) {
		case Values:
			if queryNames[name] == "" {
				flatten(form, key+".", value)
				continue
			}
			keyName := "Name"
			if queryNames[name] == "Tag" {
				keyName = "Key"
			}
			for i, k := range sortedKeys(value) {
				at := fmt.Sprintf("%s.%d.", key, i+1)
				form.Set(at+keyName, k)
				if inner, is := value[k].(Values); is {
					flatten(form, at+"Value.", inner)
				} else {
					form.Set(at+"Value", fmt.Sprint(value[k]))
				}
			}
		case []string:
			for i, s := range value {
				form.Set(fmt.Sprintf("%s.%d", key, i+1), s)
			}
		case []Values:
			for i, entry := range value {
				flatten(form, fmt.Sprintf("%s%s.%d.", prefix, entryKind(form.Get("Action")), i+1), entry)
			}
		default:
			form.Set(key, fmt.Sprint(value))
		}
	}
}

func entryKind(action string) string { return action + "RequestEntry" }

func sortedKeys(v Values) []string {
	keys := make([]string, 0, len(v))
	for k := range v {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func readJSON(resp *http.Response, body []byte) (Values, *Failure, error) {
	out := make(Values)
	if len(body) > 0 { // some operations answer with nothing
		if err := json.Unmarshal(body, &out); err != nil {
			return nil, nil, fmt.Errorf("answer %q: %w", body, err)
		}
	}
	if resp.StatusCode == http.StatusOK {
		return out, nil, nil
	}
	f := &Failure{Status: resp.StatusCode}
	f.Code, _ = out["__type"].(string)
	f.Code = f.Code[strings.LastIndex(f.Code, "#")+1:]
	f.Message, _ = out["message"].(string)
	f.QueryCode, _, _ = strings.Cut(resp.Header.Get("X-Amzn-Query-Error"), ";")
	return nil, f, nil
}

// element is any XML element.
type element struct {
	XMLName  xml.Name
	Text     string    `xml:",chardata"`
	Children []element `xml:",any"`
}

func (e *element) child(name string) *element {
	for i := range e.Children {
		if e.Children[i].XMLName.Local == name {
			return &e.Children[i]
		}
	}
	return &element{}
}

func readXML(operation string, status int, body []byte) (Values, *Failure, error) {
	var root element
	if err := xml.Unmarshal(body, &root); err != nil {
		return nil, nil, fmt.Errorf("answer %q: %w", body, err)
	}
	if status != http.StatusOK {
		e := root.child("Error")
		return nil, &Failure{QueryCode: e.child("Code").Text, Message: e.child("Message").Text, Status: status}, nil
	}
	if root.XMLName.Local != operation+"Response" {
		return nil, nil, fmt.Errorf("answer is a %s", root.XMLName.Local)
	}
	return root.child(operation + "Result").values(), nil, nil
}

// values are the children of an element as JSON has them.
func (e *element) values() Values {
	out := make(Values)
	add := func(name string, v any) {
		list, _ := out[name].([]any)
		out[name] = append(list, v)
	}
	for i := range e.Children {
		c := &e.Children[i]
		switch name := c.XMLName.Local; name {
		case "Attribute", "MessageAttribute", "Tag":
			into, _ := out[name+"s"].(Values)
			if into == nil {
				into = make(Values)
				out[name+"s"] = into
			}
			key := c.child("Name").Text + c.child("Key").Text
			if value := c.child("Value"); len(value.Children) > 0 {
				into[key] = value.values()
			} else {
				into[key] = value.Text
			}
		case "Message":
			if len(c.Children) == 0 { // of a failed entry
				out[name] = c.Text
				continue
			}
			add("Messages", c.values())
		case "QueueUrl":
			out[name] = c.Text
			add("QueueUrls", c.Text)
			add("queueUrls", c.Text)
		case "BatchResultErrorEntry":
			add("Failed", c.values())
		default:
			if strings.HasSuffix(name, "BatchResultEntry") {
				add("Successful", c.values())
				continue
			}
			out[name] = c.Text
		}
	}
	return out
}
