package wire

import (
	"errors"
	"maps"
	"net/http"
	"strings"
	"testing"

	"localcloud/gateway/aws"
)

// Bad input to ten operations in each protocol: what is done to a good request, and the answer with
// its source. "recorded" is a recording of AWS (LocalStack's snapshots, dynalite's cases), "choice"
// our own where none is known to us.

// damage is what is done to a good request.
type damage int

const (
	nothing damage = iota
	missing        // a required member is left out
	wrongType
	outOfRange
	unknownMember
	duplicateKey
	invalidUTF8
	truncated
)

// verdict is the answer to a damaged request; an empty code means that it is taken.
type verdict struct {
	code, message string // message: a part of it
	source        string
}

var chosen = map[aws.Protocol][]string{
	aws.JSON10: {"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:Scan", "dynamodb:DescribeTable",
		"dynamodb:DeleteTable", "dynamodb:UpdateTable", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:UpdateTimeToLive"},
	aws.JSON11: {"kms:CreateAlias", "kms:GenerateMac", "kms:DescribeKey", "kms:CreateGrant", "ssm:PutParameter", "ssm:GetParameters",
		"secretsmanager:CreateSecret", "events:PutRule", "kinesis:PutRecord", "kinesis:CreateStream"},
	aws.RestJSON: {"lambda:CreateAlias", "lambda:CreateFunction", "lambda:AddPermission", "lambda:PublishLayerVersion", "lambda:UpdateFunctionConfiguration",
		"scheduler:CreateSchedule", "scheduler:CreateScheduleGroup", "lambda:TagResource", "apigateway:CreateResource", "batch:SubmitJob"},
	aws.Query: {"sns:CreateTopic", "sns:Subscribe", "sns:SetTopicAttributes", "sts:AssumeRole", "sts:GetFederationToken", "iam:CreateUser",
		"iam:CreateRole", "iam:AttachRolePolicy", "cloudformation:CreateStack", "autoscaling:CreateAutoScalingGroup"},
	aws.EC2: {"ec2:RunInstances", "ec2:CreateSubnet", "ec2:TerminateInstances", "ec2:CreateSecurityGroup", "ec2:DeleteVpc", "ec2:CreateTags",
		"ec2:AttachVolume", "ec2:CreateSnapshot", "ec2:CreateImage", "ec2:ModifyVpcAttribute"},
	aws.RestXML: {"route53:CreateHostedZone", "route53:ChangeResourceRecordSets", "route53:CreateHealthCheck", "route53:ChangeTagsForResource",
		"route53:AssociateVPCWithHostedZone", "route53:CreateTrafficPolicy", "cloudfront:CreateInvalidation", "cloudfront:CreateKeyGroup", "cloudfront:CreatePublicKey", "cloudfront:CreateFunction"},
	aws.RPCv2CBOR: {"cloudwatch:PutMetricData", "cloudwatch:GetMetricStatistics", "cloudwatch:PutMetricAlarm", "cloudwatch:DeleteAlarms", "cloudwatch:SetAlarmState",
		"cloudwatch:PutDashboard", "cloudwatch:GetMetricData", "cloudwatch:TagResource", "cloudwatch:EnableAlarmActions", "cloudwatch:PutCompositeAlarm"},
}

const (
	notNull    = "failed to satisfy constraint: Member must not be null"
	constraint = "failed to satisfy constraint: Member must "
)

// verdicts tells the answers by protocol; what a protocol cannot express is left out.
var verdicts = map[aws.Protocol]map[damage]verdict{
	aws.JSON10: {
		nothing:       {},
		missing:       {"ValidationException", notNull, "recorded: dynalite, every operation's 'should return ValidationException for no TableName'"},
		wrongType:     {"SerializationException", "NUMBER_VALUE cannot be converted to String", "recorded: dynalite, assertType String"},
		outOfRange:    {"ValidationException", constraint, "recorded: aws-captures/dynamodb, test_update_kinesis_streaming..."},
		unknownMember: {source: "choice: AWS ignores members that it does not know, as its clients may be newer"},
		duplicateKey:  {source: "choice: the last one counts, as in AWS's JSON reader (Jackson)"},
		invalidUTF8:   {"SerializationException", "", "choice: as for what is no JSON"},
		truncated:     {"SerializationException", "", "recorded: dynalite, 'should return SerializationException if body is not JSON'"},
	},
	aws.JSON11: {
		nothing:       {},
		missing:       {"ValidationException", notNull, "recorded: aws-captures/sns (the framework's wording), aws-captures/kms (the code)"},
		wrongType:     {"SerializationException", "NUMBER_VALUE cannot be converted to String", "recorded: dynalite (the framework's wording)"},
		outOfRange:    {"ValidationException", constraint, "recorded: aws-captures/kms, events"},
		unknownMember: {source: "choice: as of json-1.0"},
		duplicateKey:  {source: "choice: as of json-1.0"},
		invalidUTF8:   {"SerializationException", "", "choice: as of json-1.0"},
		truncated:     {"SerializationException", "", "choice: as of json-1.0"},
	},
	aws.RestJSON: {
		nothing:       {},
		missing:       {"ValidationException", notNull, "choice: the framework's wording"},
		wrongType:     {"SerializationException", "NUMBER_VALUE cannot be converted to String", "choice: the framework's wording"},
		outOfRange:    {"ValidationException", constraint, "recorded: aws-captures/lambda_"},
		unknownMember: {source: "choice: as of json-1.0"},
		duplicateKey:  {source: "choice: as of json-1.0"},
		invalidUTF8:   {"SerializationException", "", "choice: as of json-1.0"},
		truncated:     {"SerializationException", "", "choice: as of json-1.0"},
	},
	aws.Query: {
		nothing:       {},
		missing:       {"ValidationError", notNull, "recorded: aws-captures/sns, 'Value null at 'attributes''"},
		outOfRange:    {"ValidationError", constraint, "recorded: aws-captures/sts, roleSessionName"},
		unknownMember: {source: "choice: as of json-1.0"},
		duplicateKey:  {source: "choice: one of them counts"},
		truncated:     {"MalformedQueryString", "syntax error", "document: Common Errors of the query API, MalformedQueryString"},
	},
	aws.EC2: {
		nothing:       {},
		missing:       {"MissingParameter", "The request must contain the parameter ", "document: EC2 error codes, MissingParameter"},
		unknownMember: {source: "choice: AWS answers UnknownParameter; newer clients would fail with it here"},
		duplicateKey:  {source: "choice: one of them counts"},
		truncated:     {"MalformedQueryString", "syntax error", "document: Common Errors of the query API, MalformedQueryString"},
	},
	aws.RestXML: {
		nothing:       {},
		missing:       {"ValidationException", notNull, "choice: the framework's wording"},
		outOfRange:    {"ValidationException", constraint, "choice: the framework's wording"},
		unknownMember: {source: "choice: as of json-1.0"},
		truncated:     {"MalformedXML", "not well-formed", "recorded: aws-captures/s3, MalformedXML"},
	},
	aws.RPCv2CBOR: {
		nothing:       {},
		missing:       {"ValidationException", notNull, "choice: the framework's wording"},
		wrongType:     {"SerializationException", "Unexpected field type", "choice: the framework's wording for JSON"},
		outOfRange:    {"ValidationException", constraint, "choice: the framework's wording"},
		unknownMember: {source: "choice: as of json-1.0"},
		duplicateKey:  {source: "choice: as of json-1.0"},
		invalidUTF8:   {"SerializationException", "", "choice: as of json-1.0"},
		truncated:     {"SerializationException", "", "choice: as of json-1.0"},
	},
}

func TestBadInput(t *testing.T) {
	done := make(map[aws.Protocol]map[damage]int)
	for protocol, operations := range chosen {
		done[protocol] = make(map[damage]int)
		for _, name := range operations {
			service, operation, _ := strings.Cut(name, ":")
			call := callOf(service, operation, protocol)
			if call.Operation == nil {
				t.Fatalf("no operation %s", name)
			}
			for what, want := range verdicts[protocol] {
				req := damaged(t, call, protocol, what)
				if req == nil {
					continue
				}
				done[protocol][what]++
				err := DecodeRequest(call, req, &map[string]any{}, Options{Validate: true})
				var e *aws.Error
				errors.As(err, &e)
				switch {
				case want.code == "" && err != nil:
					t.Errorf("%v %s, damage %d: %v, want none (%s)", protocol, name, what, err, want.source)
				case want.code == "":
				case e == nil || e.Code != want.code || !strings.Contains(e.Message, want.message):
					t.Errorf("%v %s, damage %d: %v, want %s: %s (%s)", protocol, name, what, err, want.code, want.message, want.source)
				default:
					if status := EncodeError(call, req, e).StatusCode; status != 400 {
						t.Errorf("%v %s, damage %d: status %d, want 400", protocol, name, what, status)
					}
				}
			}
		}
		for what := range verdicts[protocol] {
			if done[protocol][what] == 0 {
				t.Errorf("%v: no operation could be damaged by %d", protocol, what)
			}
		}
	}
}

// damaged is a good request of an operation with something done to it, nil where the operation has no
// place for that.
func damaged(t *testing.T, call *aws.Call, protocol aws.Protocol, what damage) *http.Request {
	t.Helper()
	input := call.Operation.Input()
	doc := minimal(t, input)
	member := firstInBody(input, func(m *aws.Member) bool { return m.Required })
	switch what {
	case missing:
		if member == nil {
			return nil
		}
		delete(doc, member.Name)
	case outOfRange:
		if !pushOut(input, doc) {
			return nil
		}
	}
	text := firstInBody(input, func(m *aws.Member) bool { return m.Shape.Kind == aws.String && doc[m.Name] != nil })
	if text == nil && (what == wrongType || what == duplicateKey || what == invalidUTF8) {
		return nil
	}
	req, err := EncodeRequest(call.Operation, protocol, "localhost", doc)
	if err != nil {
		t.Fatalf("%s: %v", call.Operation.Name, err)
	}
	call.Path = req.URL.EscapedPath()
	body := readString(t, req)
	switch what {
	case unknownMember:
		body = addUnknown(protocol, body)
	case wrongType, duplicateKey, invalidUTF8:
		body = change(protocol, body, text.WireName(), doc[text.Name].(string), what)
	case truncated:
		if len(body) < 3 {
			return nil
		}
		body = body[:len(body)-2]
		if protocol == aws.Query || protocol == aws.EC2 {
			body += "%4"
		}
	}
	if body == "" && what != nothing && what != missing && what != outOfRange {
		return nil
	}
	return withBody(req, body)
}

func firstInBody(shape *aws.Shape, ok func(m *aws.Member) bool) *aws.Member {
	for i := range shape.Members {
		if m := &shape.Members[i]; m.Location == aws.InBody && i != shape.Payload && ok(m) {
			return m
		}
	}
	return nil
}

// pushOut makes a member of a document violate its shape.
func pushOut(shape *aws.Shape, doc map[string]any) bool {
	for i := range shape.Members {
		m := &shape.Members[i]
		if m.Location != aws.InBody {
			continue
		}
		switch s := m.Shape; {
		case s.Kind == aws.String && len(s.Enum) > 0:
			doc[m.Name] = "no-such-value"
			return true
		case s.Kind == aws.String && s.HasMax && s.Max < 10000:
			doc[m.Name] = strings.Repeat("a", int(s.Max)+1)
			return true
		case s.Kind == aws.Integer && s.HasMin:
			doc[m.Name] = int64(s.Min) - 1
			return true
		}
		if nested, ok := doc[m.Name].(map[string]any); ok && m.Shape.Kind == aws.Structure && pushOut(m.Shape, nested) {
			return true
		}
	}
	return false
}

// minimal is a document with the required members of a structure.
func minimal(t *testing.T, shape *aws.Shape) map[string]any {
	t.Helper()
	doc := make(map[string]any)
	for i := range shape.Members {
		m := &shape.Members[i]
		if m.Required || len(doc) == 0 && i == len(shape.Members)-1 && m.Location == aws.InBody {
			doc[m.Name] = sample(t, m.Shape)
		}
	}
	return doc
}

// samples are texts of which one satisfies most patterns.
var samples = []string{
	"abcdefgh12", "arn:aws:iam::123456789012:role/role-name", "arn:aws:lambda:us-east-1:123456789012:function:name", "rate(1 minute)",
	"1", "application/json", "lambda:InvokeFunction", "arn:aws:kms:us-east-1:123456789012:alias/name", "alias/abc", "sns.amazonaws.com", "Sum", "Percent",
}

func sample(t *testing.T, s *aws.Shape) any {
	t.Helper()
	switch s.Kind {
	case aws.Structure:
		return minimal(t, s)
	case aws.List:
		return []any{sample(t, s.Elem.Shape)}
	case aws.Map:
		return map[string]any{sample(t, s.Key.Shape).(string): sample(t, s.Elem.Shape)}
	case aws.Integer, aws.Long:
		return int64(max(s.Min, 1))
	case aws.Float, aws.Double:
		return max(s.Min, 1)
	case aws.Boolean:
		return true
	case aws.Blob:
		return []byte("blob")
	case aws.Timestamp:
		return fromEpoch(1700000000)
	}
	if len(s.Enum) > 0 {
		return s.Enum[0]
	}
	for _, text := range samples {
		if n := int(s.Min); len(text) < n {
			text = strings.Repeat(text, n)[:n]
		}
		if constraintsOf(s).validText(text) {
			return text
		}
	}
	t.Fatalf("no sample for %s (%s)", s.Name, s.Pattern)
	return nil
}

func readString(t *testing.T, req *http.Request) string {
	t.Helper()
	buf, err := readBody(nil, req.Body, req.ContentLength, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	return string(buf.b)
}

func withBody(req *http.Request, body string) *http.Request {
	out := req.Clone(req.Context())
	out.Header = maps.Clone(req.Header)
	out.Body, out.ContentLength = http.NoBody, int64(len(body))
	if body != "" {
		out.Body = streamBody{strings.NewReader(body)}
	}
	return out
}

func addUnknown(protocol aws.Protocol, body string) string {
	switch protocol {
	case aws.Query, aws.EC2:
		return body + "&Bogus.member.1=x"
	case aws.RPCv2CBOR:
		return body[:len(body)-1] + "\x65Bogus\xa1\x61a\x82\x01\x02\xff"
	case aws.RestXML:
		if i := strings.LastIndex(body, "</"); i >= 0 {
			return body[:i] + "<Bogus><a>1</a></Bogus>" + body[i:]
		}
		return body
	}
	if body == "" {
		return `{"Bogus":[{"a":null}]}`
	}
	if body == "{}" {
		return `{"Bogus":[{"a":null}]}`
	}
	return body[:len(body)-1] + `,"Bogus":[{"a":[1,2.5e3,"x",true,null]}]}`
}

// change changes the member of that name, whose value is a text.
func change(protocol aws.Protocol, body, name, value string, what damage) string {
	switch protocol {
	case aws.Query, aws.EC2:
		return body + "&" + body[strings.LastIndexByte(body, '&')+1:]
	case aws.RPCv2CBOR:
		w := cborWriter{}
		w.text(name)
		key := string(w.b)
		w.text(value)
		pair := string(w.b)
		switch what {
		case wrongType:
			return strings.Replace(body, pair, key+"\x01", 1)
		case duplicateKey:
			return strings.Replace(body, pair, pair+pair, 1)
		}
		return strings.Replace(body, pair, key+"\x62\xff\xfe", 1)
	}
	pair := string(appendJSONString(nil, name)) + ":" + string(appendJSONString(nil, value))
	switch what {
	case wrongType:
		return strings.Replace(body, pair, string(appendJSONString(nil, name))+":12", 1)
	case duplicateKey:
		return strings.Replace(body, pair, string(appendJSONString(nil, name))+`:"first",`+pair, 1)
	}
	return strings.Replace(body, pair, string(appendJSONString(nil, name))+":\"\xff\xfe\"", 1)
}
