package gateway

import (
	"net/http"
	"strings"
	"sync"

	"localcloud/gateway/aws"
)

// Identifier tells what a request asks for: service, operation, protocol, account and region. Tables
// decide first; what they cannot tell stands in identify_exceptions.go. Safe for concurrent use.
//
// The order is that of reliability: the scope of the signature, the target header (or the path of
// rpc-v2-cbor), paths and hosts that one service alone has, Action, the classic port, and at last S3,
// whose anonymous requests look like any other. Within a service, or the few that share a signing
// name, the operation is told by target, Action, or method and path.
type Identifier struct {
	exists func(service string) bool
	bases  []string

	scopes  map[string]*scope // by signing name, and the aliases of those
	targets map[string]*scope // by prefix of X-Amz-Target
	hosts   map[string]*scope // by endpoint prefix
	actions *scope            // all services of the query protocols
	open    *scope            // services with operations that are not signed, or by a bearer token
	s3      *scope
	sqs     *scope
}

// scope is a set of services that share something a request carries, in the order of preference.
type scope struct {
	services []*aws.Service
	only     func(*aws.Operation) bool // limits the router; nil for all operations

	once   sync.Once
	router router
}

// NewIdentifier returns an identifier for all services of the tables. exists reports whether the
// project has a service of its own for one of several that share an API (RDS, Neptune, DocumentDB);
// nil for the default of each. bases are the host names of the gateway under which buckets are found
// ("localhost" for "bucket.localhost").
func NewIdentifier(exists func(service string) bool, bases ...string) *Identifier {
	i := &Identifier{exists: exists, bases: bases, actions: &scope{}, open: &scope{only: isOpen}}
	if i.exists == nil {
		i.exists = func(string) bool { return false }
	}
	i.scopes, i.targets, i.hosts = make(map[string]*scope), make(map[string]*scope), make(map[string]*scope)
	for _, s := range byPreference(aws.Services()) {
		add(i.scopes, s.SigningName, s)
		add(i.hosts, s.EndpointPrefix, s)
		if s.TargetPrefix != "" {
			add(i.targets, s.TargetPrefix, s)
		}
		if s.Speaks(aws.Query) || s.Speaks(aws.EC2) {
			i.actions.services = append(i.actions.services, s)
		}
		if s.Bearer || openServices[s.Name] {
			i.open.services = append(i.open.services, s)
		}
	}
	i.s3, i.sqs = i.scopes["s3"], i.scopes["sqs"]
	for alias, names := range scopeAliases {
		for _, name := range names {
			add(i.scopes, alias, aws.Lookup(name))
		}
	}
	return i
}

func add(scopes map[string]*scope, name string, s *aws.Service) {
	if scopes[name] == nil {
		scopes[name] = new(scope)
	}
	scopes[name].services = append(scopes[name].services, s)
}

// Identify fills in service, operation, protocol, account, region, access key and, for S3, the path
// with the bucket of the host in front. The call's request, host and raw path must be set. classicPort
// is the number of the classic port that took the request, 0 for none.
//
// An error is an *aws.Error; what could be told is filled in all the same. Where nothing tells the
// service, it stays nil without an error. The operation stays nil for browsers' form uploads and
// preflight requests to S3.
func (i *Identifier) Identify(call *Call, classicPort int) error {
	q := inquiry{call: call, header: call.Request.Header, path: call.Path, host: hostName(call.Host)}
	q.query.raw = call.Request.URL.RawQuery
	q.method = call.Request.Method
	q.exists = i.exists
	call.Service, call.Operation, call.Protocol = nil, nil, aws.Unknown
	problem := q.readCredential()
	q.readTarget()
	call.AccessKey = q.key
	call.Account = accountOf(q.key)
	call.Region = q.regionOr(aws.DefaultRegion)

	candidates, err := i.candidates(&q, classicPort)
	if err == nil && candidates != nil {
		err = i.operation(&q, candidates)
	}
	if problem != nil {
		return problem.AWS(call.Service, call.Protocol)
	}
	if err != nil {
		return err
	}
	return nil
}

// inquiry is what is read of one request while it is identified.
type inquiry struct {
	call   *Call
	header http.Header
	method string
	path   string // raw; for S3 with the bucket of the host in front
	host   string // without port, in lower case
	query  pairs
	form   form
	exists func(service string) bool // whether the project has a service

	credential
	bearer bool // a bearer token, or its like, stands for the signature

	rpc                     bool   // rpc-v2-cbor
	target, targetOperation string // of X-Amz-Target, or of the path of rpc-v2-cbor
}

// first returns the first value of a header by its canonical name.
func first(header http.Header, name string) string {
	if values := header[name]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// readTarget reads X-Amz-Target, whose prefix may hold dots, or the path of rpc-v2-cbor:
// .../service/PREFIX/operation/NAME.
func (q *inquiry) readTarget() {
	if protocol := first(q.header, "Smithy-Protocol"); strings.EqualFold(protocol, "rpc-v2-cbor") && q.method == http.MethodPost {
		path, operation, ok := cutLast(q.path, "/operation/")
		if _, service, found := cutLast(path, "/service/"); ok && found {
			q.rpc = true
			if hash := strings.LastIndexByte(service, '#'); hash >= 0 {
				service = service[hash+1:]
			}
			q.target, q.targetOperation = service, operation
			return
		}
	}
	target := first(q.header, "X-Amz-Target")
	if dot := strings.LastIndexByte(target, '.'); dot >= 0 {
		q.target, q.targetOperation = target[:dot], target[dot+1:]
	} else {
		q.targetOperation = target
	}
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// candidates finds the services that a request may be for, nil for none.
func (i *Identifier) candidates(q *inquiry, classicPort int) (*scope, error) {
	if err := dataPlane(q); err != nil {
		return nil, err
	}
	if q.service != "" {
		return i.signed(q)
	}
	if s := i.targets[q.target]; s != nil && q.target != "" {
		return s, nil
	}
	if s := i.byPath(q); s != nil {
		return s, nil
	}
	if s := i.byHost(q); s != nil {
		return s, nil
	}
	if s := i.byAction(q); s != nil {
		return s, nil
	}
	if s := i.byToken(q); s != nil {
		return s, nil
	}
	if name := classicPorts[classicPort]; name != "" {
		return i.scopes[name], nil
	}
	if likeS3(q) {
		return i.s3, nil
	}
	return nil, nil
}

// signed finds the services of a signature's scope. A scope that is not known is a mistake unless
// the target tells the service.
func (i *Identifier) signed(q *inquiry) (*scope, error) {
	if s := i.scopes[q.service]; s != nil {
		return s, nil
	}
	if s := i.targets[q.target]; s != nil && q.target != "" {
		return s, nil
	}
	if s := i.hosts[q.service]; s != nil {
		return s, nil
	}
	return nil, unknownScope(q.service)
}

// byPath knows the paths that one service alone has.
func (i *Identifier) byPath(q *inquiry) *scope {
	switch {
	case strings.HasPrefix(q.path, "/2015-03-31/functions"):
		return i.scopes["lambda"]
	case isQueuePath(q.path) && q.action(i.formOf(q)) != "":
		q.ownQueue()
		return i.sqs
	}
	return nil
}

// byToken finds the operations that are not signed: they are told by a bearer token or a JSON body,
// which S3 does not have, and by method and path.
func (i *Identifier) byToken(q *inquiry) *scope {
	if !q.bearer && !strings.HasPrefix(first(q.header, "Content-Type"), "application/json") {
		return nil
	}
	op := i.open.routes().find(q)
	if op == nil || !q.bearer && !op.Unsigned {
		return nil
	}
	return i.open
}
