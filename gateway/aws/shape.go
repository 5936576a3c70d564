package aws

// Kind is the type of a shape.
type Kind uint8

// The kinds of shapes in the AWS API models.
const (
	Structure Kind = iota + 1
	List
	Map
	String
	Integer // 32 bits, as are byte and short
	Long    // 64 bits; big integers too
	Float
	Double
	Boolean
	Blob
	Timestamp
	Document // any JSON value (a structure with "document": true)
)

// TimestampFormat is how a timestamp is written.
type TimestampFormat uint8

// The formats; DefaultTimestamp leaves the choice to protocol and location.
const (
	DefaultTimestamp TimestampFormat = iota
	ISO8601
	RFC822
	UnixTimestamp
)

// Location is where in an HTTP message a member stands.
type Location uint8

// The locations; InBody is the default.
const (
	InBody Location = iota
	InHeader
	InPrefixHeaders // a map: each key is a header behind LocationName as prefix
	InQuery
	InPath
	InStatus
)

// Shape is one type of a model. Shapes may be recursive; they are shared and must not be changed.
type Shape struct {
	Name    string // of structures; the tables leave it empty elsewhere
	Kind    Kind
	Members []Member // of a structure, in the model's order
	Elem    *Member  // element of a list, value of a map (Name "member" or "value")
	Key     *Member  // key of a map (Name "key")

	// Payload is the index in Members of the member that is the whole body, -1 for none.
	Payload int

	Union       bool
	EventStream bool // a union whose members are the events
	Event       bool // one event of an event stream
	Streaming   bool // a blob that is never held in memory
	// RequiresLength: a streaming blob must come with a Content-Length.
	RequiresLength bool
	Flattened      bool
	Sparse         bool // a list or map that may hold nulls
	Sensitive      bool
	Timestamp      TimestampFormat
	XMLNamespace   string
	XMLPrefix      string // of XMLNamespace ("xsi"), "" for the default one
	LocationName   string // element name of a top-level structure, where the model gives one

	// Constraints of the model. HasMin and HasMax say whether Min and Max are set: lengths of strings,
	// blobs (bytes), lists and maps, values of numbers.
	HasMin, HasMax bool
	Min, Max       float64
	Pattern        string
	Enum           []string

	// Exception says that this structure is an error; Error tells how it is answered.
	Exception bool
	Error     ErrorTrait
}

// ErrorTrait is what a model says of an exception.
type ErrorTrait struct {
	Code        string // wire code; "" for the shape's name
	Status      int    // HTTP status; 0 for the default (400 for senders, 500 for receivers)
	SenderFault bool
	Fault       bool   // the service's own fault
	QueryCode   string // code of the older query protocol (awsQueryError), "" for none
}

// Member is one member of a structure, or the element, key or value of a list or map.
type Member struct {
	Name         string // the model's name: key of documents, and of JSON unless LocationName is set
	LocationName string // "" for the Name
	// QueryName is the name in ec2 requests. In a service that speaks query and JSON (SQS) it is the
	// name in query messages, both ways, where LocationName is JSON's; decoders of query take the
	// member's Name as well ("Attribute.1.Name" and "Attributes.1.key"). "" for none.
	QueryName    string
	Shape        *Shape
	Location     Location
	Timestamp    TimestampFormat // overrides the shape's
	XMLNamespace string
	XMLPrefix    string

	Required         bool
	Flattened        bool
	XMLAttribute     bool
	JSONValue        bool // a string whose value is JSON, base64 in headers
	IdempotencyToken bool
	HostLabel        bool
	EventHeader      bool // in an event: a header
	EventPayload     bool // in an event: the whole payload
	Streaming        bool // the member or its shape
	Box              bool
	Deprecated       bool
}

// WireName is LocationName, or the Name where there is none.
func (m *Member) WireName() string {
	if m.LocationName != "" {
		return m.LocationName
	}
	return m.Name
}

// QueryWireName is the member's name in messages of the query protocol: QueryName, else WireName.
func (m *Member) QueryWireName() string {
	if m.QueryName != "" {
		return m.QueryName
	}
	return m.WireName()
}

// Member returns the member of that name, or nil.
func (s *Shape) Member(name string) *Member {
	for i := range s.Members {
		if s.Members[i].Name == name {
			return &s.Members[i]
		}
	}
	return nil
}
