package model

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// The structures of a service-2.json file, with the names and spelling of that format.

type modelJSON struct {
	Metadata   metadataJSON             `json:"metadata"`
	Operations map[string]operationJSON `json:"operations"`
	Shapes     map[string]*shapeJSON    `json:"shapes"`
}

type metadataJSON struct {
	APIVersion         string          `json:"apiVersion"`
	EndpointPrefix     string          `json:"endpointPrefix"`
	JSONVersion        string          `json:"jsonVersion"`
	Protocol           string          `json:"protocol"`
	Protocols          []string        `json:"protocols"`
	ServiceID          string          `json:"serviceId"`
	SignatureVersion   string          `json:"signatureVersion"`
	SigningName        string          `json:"signingName"`
	TargetPrefix       string          `json:"targetPrefix"`
	XMLNamespace       namespaceJSON   `json:"xmlNamespace"`
	AWSQueryCompatible json.RawMessage `json:"awsQueryCompatible"`
	Auth               []string        `json:"auth"`
}

type operationJSON struct {
	Name string `json:"name"`
	HTTP struct {
		Method       string `json:"method"`
		RequestURI   string `json:"requestUri"`
		ResponseCode int    `json:"responseCode"`
	} `json:"http"`
	Input    *messageJSON  `json:"input"`
	Output   *messageJSON  `json:"output"`
	Errors   []messageJSON `json:"errors"`
	Endpoint struct {
		HostPrefix string `json:"hostPrefix"`
	} `json:"endpoint"`
	AuthType             string   `json:"authtype"`
	Auth                 []string `json:"auth"`
	UnsignedPayload      bool     `json:"unsignedPayload"`
	Deprecated           bool     `json:"deprecated"`
	HTTPChecksumRequired bool     `json:"httpChecksumRequired"`
	HTTPChecksum         struct {
		RequestAlgorithmMember      string   `json:"requestAlgorithmMember"`
		RequestChecksumRequired     bool     `json:"requestChecksumRequired"`
		RequestValidationModeMember string   `json:"requestValidationModeMember"`
		ResponseAlgorithms          []string `json:"responseAlgorithms"`
	} `json:"httpChecksum"`
	RequestCompression struct {
		Encodings []string `json:"encodings"`
	} `json:"requestcompression"`
}

type messageJSON struct {
	Shape         string        `json:"shape"`
	LocationName  string        `json:"locationName"`
	XMLNamespace  namespaceJSON `json:"xmlNamespace"`
	ResultWrapper string        `json:"resultWrapper"`
}

type shapeJSON struct {
	Type            string        `json:"type"`
	Members         membersJSON   `json:"members"`
	Required        []string      `json:"required"`
	Member          *memberJSON   `json:"member"`
	Key             *memberJSON   `json:"key"`
	Value           *memberJSON   `json:"value"`
	Payload         string        `json:"payload"`
	Min             *float64      `json:"min"`
	Max             *float64      `json:"max"`
	Pattern         string        `json:"pattern"`
	Enum            []string      `json:"enum"`
	LocationName    string        `json:"locationName"`
	XMLNamespace    namespaceJSON `json:"xmlNamespace"`
	TimestampFormat string        `json:"timestampFormat"`
	Union           bool          `json:"union"`
	Document        bool          `json:"document"`
	EventStream     bool          `json:"eventstream"`
	Event           bool          `json:"event"`
	Streaming       bool          `json:"streaming"`
	RequiresLength  bool          `json:"requiresLength"`
	Flattened       bool          `json:"flattened"`
	Sparse          bool          `json:"sparse"`
	Sensitive       bool          `json:"sensitive"`
	Exception       bool          `json:"exception"`
	Fault           bool          `json:"fault"`
	Error           *struct {
		Code        string `json:"code"`
		Status      int    `json:"httpStatusCode"`
		SenderFault bool   `json:"senderFault"`
	} `json:"error"`
}

type memberJSON struct {
	name string // the key in "members"

	Shape            string        `json:"shape"`
	LocationName     string        `json:"locationName"`
	QueryName        string        `json:"queryName"`
	Location         string        `json:"location"`
	TimestampFormat  string        `json:"timestampFormat"`
	XMLNamespace     namespaceJSON `json:"xmlNamespace"`
	Flattened        bool          `json:"flattened"`
	XMLAttribute     bool          `json:"xmlAttribute"`
	JSONValue        bool          `json:"jsonvalue"`
	IdempotencyToken bool          `json:"idempotencyToken"`
	HostLabel        bool          `json:"hostLabel"`
	EventHeader      bool          `json:"eventheader"`
	EventPayload     bool          `json:"eventpayload"`
	Streaming        bool          `json:"streaming"`
	Box              bool          `json:"box"`
	Deprecated       bool          `json:"deprecated"`
}

// namespaceJSON is written as the URI alone or as an object.
type namespaceJSON struct{ Prefix, URI string }

func (n *namespaceJSON) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '"' {
		return json.Unmarshal(data, &n.URI)
	}
	type plain namespaceJSON
	return json.Unmarshal(data, (*plain)(n))
}

// membersJSON keeps the order of the members in the file.
type membersJSON []memberJSON

func (m *membersJSON) UnmarshalJSON(data []byte) error {
	d := json.NewDecoder(bytes.NewReader(data))
	start, err := d.Token()
	if err != nil {
		return fmt.Errorf("members: %w", err)
	}
	if start != json.Delim('{') {
		return fmt.Errorf("members: want an object, got %v", start)
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		member := memberJSON{name: name.(string)}
		if err := d.Decode(&member); err != nil {
			return fmt.Errorf("member %s: %w", name, err)
		}
		*m = append(*m, member)
	}
	return nil
}
