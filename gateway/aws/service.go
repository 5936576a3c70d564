// Package aws is the vocabulary that every part of localcloud shares: the services and operations of
// AWS, the shapes of their messages, the call as it is known once identified, and AWS errors.
//
// Services, operations and shapes are read from tables that gen makes out of the AWS API models;
// what is written by hand beside them stands in overlay.go. The package depends on the standard
// library alone and may be imported by every other.
package aws

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

	operations map[string]*Operation // filled by SetOperations
	ordered    []*Operation
}

// Operation is one operation of a service.
type Operation struct {
	Service    *Service
	Name       string
	Method     string // HTTP method of the REST protocols; POST elsewhere
	URI        string // template of the REST protocols ("/{Bucket}/{Key+}?uploads"); "/" elsewhere
	Status     int    // status of a successful answer; 200 where the model is silent
	HostPrefix string // endpoint host prefix template ("{AccountId}."), "" for none
	Input      *Shape // nil where the operation takes nothing
	Output     *Shape // nil where it returns nothing
	Errors     []*Shape
	// ResultWrapper is the element that wraps a query answer ("SendMessageResult"), "" for none.
	ResultWrapper string
	// InputName and InputNamespace: the root element of a rest-xml request body, where the model gives one.
	InputName, InputNamespace string
	// ChecksumRequired says that the body needs Content-MD5 or a flexible checksum.
	ChecksumRequired bool
	// RequestCompression lists the encodings ("gzip") that clients may use for the body.
	RequestCompression []string
	// Unsigned says that clients do not sign the operation (authtype none).
	Unsigned bool
	// UnsignedPayload says that clients sign it with UNSIGNED-PAYLOAD.
	UnsignedPayload bool
	Deprecated      bool
}

// Operation returns the operation of that name, or nil.
func (s *Service) Operation(name string) *Operation {
	return s.operations[name]
}

// Operations returns all operations, ordered by name. The slice must not be changed.
func (s *Service) Operations() []*Operation { return s.ordered }

// SetOperations installs the operations (ordered by name) of a service that was made by hand or read from a model.
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
