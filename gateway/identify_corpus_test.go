package gateway

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"localcloud/gateway/aws"
)

// Why a request of the corpus is not identified by what it carries.
const (
	samePath   = "same method and URI in services of one signing name"
	sharedAPI  = "services sharing one API"
	formerName = "former name of an operation with the same method and URI"
	notSent    = "botocore does not send streams in both directions"
)

// indistinct lists, by service, how many operations of the corpus are taken for those of another
// service or name, and why.
var indistinct = map[string]struct {
	reason string
	count  int
}{
	"bedrock-agent-runtime":     {samePath, 3},
	"bedrock-data-automation":   {samePath, 3},
	"chime-sdk-media-pipelines": {samePath, 3},
	"chime-sdk-meetings":        {samePath, 3},
	"chime-sdk-messaging":       {samePath, 3},
	"chime-sdk-voice":           {samePath, 19},
	"docdb":                     {sharedAPI, 55},
	"greengrassv2":              {samePath, 8},
	"ivs-realtime":              {samePath, 3},
	"lex-models":                {samePath, 4},
	"neptune":                   {sharedAPI, 70},
	"s3":                        {formerName, 4},
	"signer-data":               {samePath, 1},
	"sms-voice":                 {samePath, 8},
	"timestream-write":          {sharedAPI, 4},
	"wisdom":                    {samePath, 41},
}

// notInCorpus lists the operations that the corpus lacks.
var notInCorpus = map[string]string{
	"bedrock-runtime.InvokeModelWithBidirectionalStream": notSent,
	"connecthealth.StartMedicalScribeListeningSession":   notSent,
	"lexv2-runtime.StartConversation":                    notSent,
	"polly.StartSpeechSynthesisStream":                   notSent,
	"qbusiness.Chat":                                     notSent,
}

// sent is one request of the corpus, as testdata/identify/make.py has botocore make it.
type sent struct {
	Service, Operation, Method, Target, Body string
	Headers                                  map[string]string
}

func corpus(t testing.TB) []sent {
	t.Helper()
	file, err := os.Open("testdata/identify/requests.jsonl.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	text, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(text)
	lines.Buffer(nil, 1<<20)
	var all []sent
	for lines.Scan() {
		var s sent
		if err := json.Unmarshal(lines.Bytes(), &s); err != nil {
			t.Fatal(err)
		}
		if s.Service != "" {
			all = append(all, s)
		}
	}
	return all
}

func (s *sent) text() string {
	var head strings.Builder
	fmt.Fprintf(&head, "%s %s HTTP/1.1", s.Method, s.Target)
	for name, value := range s.Headers {
		fmt.Fprintf(&head, "\n%s: %s", name, value)
	}
	if s.Body != "" {
		head.WriteString("\n\n" + s.Body)
	}
	return head.String()
}

// identifiedBy reports whether i takes the request for the operation that it is.
func (s *sent) identifiedBy(t *testing.T, i *Identifier) (got string, right bool) {
	call := request(t, s.text())
	if err := i.Identify(call, 0); err != nil {
		return err.Error(), false
	}
	if call.Service == nil || call.Operation == nil {
		return outcome(call), false
	}
	return outcome(call), call.Service.Name == s.Service && call.Operation.Name == s.Operation
}

func TestIdentifyCorpus(t *testing.T) {
	left := make(map[string]string) // operations that the corpus has not shown yet
	for _, s := range aws.Services() {
		for _, op := range s.Operations() {
			left[s.Name+"."+op.Name] = s.Name
		}
	}
	reasons, wrong := make(map[string]int), make(map[string]map[string]bool)
	requests := corpus(t)
	for n := range requests {
		s := &requests[n]
		delete(left, s.Service+"."+s.Operation)
		got, right := s.identifiedBy(t, testIdentifier)
		if right {
			reasons["identified"]++
			continue
		}
		entry, listed := indistinct[s.Service]
		reasons[entry.reason]++
		if !listed {
			t.Errorf("%s.%s (%s %s): got %s", s.Service, s.Operation, s.Method, s.Target, got)
			continue
		}
		if wrong[s.Service] == nil {
			wrong[s.Service] = make(map[string]bool)
		}
		wrong[s.Service][s.Operation] = true
		if entry.reason == formerName {
			continue
		}
		alone := identifierWith(s.Service)
		if got, right := s.identifiedBy(t, alone); !right {
			t.Errorf("%s.%s, where the project has the service: got %s", s.Service, s.Operation, got)
		}
	}
	for service, entry := range indistinct {
		if got := len(wrong[service]); got != entry.count {
			t.Errorf("%s: %d operations are taken for others, %d are listed (%s)", service, got, entry.count, entry.reason)
		}
	}
	for operation := range left {
		if notInCorpus[operation] == "" {
			t.Errorf("%s is not in the corpus", operation)
		}
		reasons[notInCorpus[operation]]++
	}
	t.Logf("%d requests of %d services: %v", len(requests), len(aws.Services()), reasons)
}

var identifiers = make(map[string]*Identifier)

// identifierWith returns the identifier of a project that has one service of those sharing an API.
func identifierWith(service string) *Identifier {
	if identifiers[service] == nil {
		identifiers[service] = NewIdentifier(func(name string) bool { return name == service }, "localhost")
	}
	return identifiers[service]
}

func FuzzIdentify(f *testing.F) {
	for n, s := range corpus(f) {
		if n%500 == 0 {
			f.Add(s.text())
		}
	}
	f.Add("GET // HTTP/1.1\nHost: .s3.\nAuthorization: AWS4-HMAC-SHA256 Credential=////aws4_request")
	f.Add("POST /000000000000/ HTTP/1.1\nHost: a.s3\nContent-Type: application/x-www-form-urlencoded\n\nAction=%&Action")
	f.Fuzz(func(t *testing.T, text string) {
		call, err := read(text)
		if err != nil {
			return
		}
		err = testIdentifier.Identify(call, 0)
		var e *aws.Error
		if err != nil && (!errors.As(err, &e) || e.Code == "" || e.Status < 400) {
			t.Errorf("got %#v", err)
		}
		if call.Operation != nil && (call.Service != call.Operation.Service || !call.Service.Speaks(call.Protocol)) {
			t.Errorf("got %s.%s in %s", call.Service.Name, call.Operation.Name, call.Protocol)
		}
		if len(call.Account) != 12 || call.Region == "" {
			t.Errorf("account %q, region %q", call.Account, call.Region)
		}
	})
}
