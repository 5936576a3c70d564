// Package aws is the vocabulary that every part of localcloud shares: the services and operations of
// AWS, the shapes of their messages, the call as it is known once identified, and AWS errors.
//
// Services, operations and shapes are read from tables that gen makes out of the AWS API models;
// what is written by hand beside them stands in overlay.go. The package depends on the standard
// library alone and may be imported by every other.
package aws

import "sync"

// Protocol is one of the wire protocols of AWS, as the Smithy documents name them.
type Protocol uint8

// The protocols, and Unknown for a request whose protocol could not be told.
const (
	Unknown   Protocol = iota
	Query              // AWS Query: form posts with Action, answered in XML
	EC2                // EC2 Query
	JSON10             // AWS JSON 1.0: X-Amz-Target
	JSON11             // AWS JSON 1.1
	RestJSON           // method and path, JSON bodies
	RestXML            // method and path, XML bodies
	RPCv2CBOR          // /service/X/operation/Y, CBOR bodies
)

// String is the protocol's name as used in configuration, logs and documents ("json-1.0").
func (p Protocol) String() string { return protocolNames[p] }

var protocolNames = [...]string{"unknown", "query", "ec2", "json-1.0", "json-1.1", "rest-json", "rest-xml", "rpc-v2-cbor"}

// ParseProtocol is the inverse of Protocol.String.
func ParseProtocol(name string) (Protocol, bool) {
	for i, n := range protocolNames {
		if n == name && i > 0 {
			return Protocol(i), true
		}
	}
	return Unknown, false
}

// Service is one AWS API model.
type Service struct {
	Name            string // the model's name: "sqs", "dynamodbstreams"; unique
	ID              string // the serviceId: "SQS", "DynamoDB Streams"
	SigningName     string // service of the credential scope
	EndpointPrefix  string // first label of the public host names
	TargetPrefix    string // of X-Amz-Target and of rpc-v2-cbor paths ("AmazonSQS"); "" where neither is used
	APIVersion      string
	XMLNamespace    string // default namespace of XML messages; "" for none
	Protocols       []Protocol
	QueryCompatible bool // JSON and CBOR errors carry the older query code beside their own
	Bearer          bool // clients may send a bearer token instead of a signature

	// Operations and shapes of services from the tables are unpacked at their first use.
	operationsOnce sync.Once
	loadOperations func() []*Operation // nil where SetOperations was called
	operations     map[string]*Operation
	ordered        []*Operation

	shapesOnce sync.Once
	loadShapes func() // nil where the operations came with their shapes
	exceptions map[string]*Shape
}

// Operation is one operation of a service.
type Operation struct {
	Service    *Service
	Name       string
	Method     string // HTTP method of the REST protocols; POST elsewhere
	URI        string // template of the REST protocols ("/{Bucket}/{Key+}?uploads"); "/" elsewhere
	Status     int    // status of a successful answer; 200 where the model is silent
	HostPrefix string // endpoint host prefix template ("{AccountId}."), "" for none
	// RequiredQuery and RequiredHeaders are the wire names of members that a request of the REST
	// protocols must have in its query and headers; they tell operations of one method and URI apart.
	RequiredQuery, RequiredHeaders []string
	// ResultWrapper is the element that wraps a query answer ("SendMessageResult"), "" for none.
	ResultWrapper string
	// InputName and InputNamespace: the root element of a rest-xml request body, where the model gives one.
	InputName, InputNamespace string
	// ChecksumRequired says that the body needs Content-MD5 or a flexible checksum.
	ChecksumRequired bool
	// ChecksumAlgorithm names the input member that chooses the checksum of the request, ChecksumMode
	// the one that asks for the checksum of the answer, ResponseChecksums what the answer may carry.
	ChecksumAlgorithm, ChecksumMode string
	ResponseChecksums               []string
	// RequestCompression lists the encodings ("gzip") that clients may use for the body.
	RequestCompression []string
	// Unsigned says that clients do not sign the operation (authtype none).
	Unsigned bool
	// UnsignedPayload says that clients sign it with UNSIGNED-PAYLOAD.
	UnsignedPayload bool
	Deprecated      bool

	input, output *Shape
	errors        []*Shape
}

// Input is the structure that the operation takes, nil where it takes nothing.
func (o *Operation) Input() *Shape {
	o.Service.needShapes()
	return o.input
}

// Output is the structure that the operation returns, nil where it returns nothing.
func (o *Operation) Output() *Shape {
	o.Service.needShapes()
	return o.output
}

// Errors are the exceptions that the model lists for the operation. The slice must not be changed.
func (o *Operation) Errors() []*Shape {
	o.Service.needShapes()
	return o.errors
}

// SetShapes installs the messages of an operation that was made by hand or read from a model. It
// must be called before the operation is shared.
func (o *Operation) SetShapes(input, output *Shape, errors []*Shape) {
	o.input, o.output, o.errors = input, output, errors
}

// Operation returns the operation of that name, or nil.
func (s *Service) Operation(name string) *Operation {
	s.needOperations()
	return s.operations[name]
}

// Operations returns all operations, ordered by name. The slice must not be changed.
func (s *Service) Operations() []*Operation {
	s.needOperations()
	return s.ordered
}

// Exception returns the error structure of that shape name, wire code or query code, among all
// that the service's operations list; nil for none.
func (s *Service) Exception(code string) *Shape {
	s.needShapes()
	return s.exceptions[code]
}

func (s *Service) needOperations() {
	s.operationsOnce.Do(func() {
		if s.loadOperations != nil {
			s.SetOperations(s.loadOperations())
		}
	})
}

func (s *Service) needShapes() {
	s.shapesOnce.Do(func() {
		s.needOperations()
		if s.loadShapes != nil {
			s.loadShapes()
		}
		s.exceptions = exceptions(s.ordered)
	})
}

// exceptions makes the index behind Exception. A shape's own name goes before codes.
func exceptions(operations []*Operation) map[string]*Shape {
	index := make(map[string]*Shape)
	for _, op := range operations {
		for _, e := range op.errors {
			index[e.Name] = e
		}
	}
	for _, op := range operations {
		for _, e := range op.errors {
			for _, code := range [...]string{e.Error.Code, e.Error.QueryCode} {
				if _, taken := index[code]; code != "" && !taken {
					index[code] = e
				}
			}
		}
	}
	return index
}

// SetOperations installs the operations (ordered by name) of a service that was made by hand or read
// from a model. It must be called before the service is shared.
func (s *Service) SetOperations(operations []*Operation) {
	s.ordered = operations
	s.operations = make(map[string]*Operation, len(operations))
	for _, op := range operations {
		op.Service = s
		s.operations[op.Name] = op
	}
}

// Speaks reports whether p is among the service's protocols.
func (s *Service) Speaks(p Protocol) bool {
	for _, q := range s.Protocols {
		if p == q {
			return true
		}
	}
	return false
}
