package dynamodb

import "time"

// definition is what a table is, as it is persisted. A definition that a table has published is never
// changed, only replaced.
type definition struct {
	ID              uint64
	Account, Region string
	Name, UUID      string
	Created         time.Time
	// Ready is when the table leaves CREATING or UPDATING; Making tells CREATING from UPDATING.
	Ready  time.Time
	Making bool

	Attributes []AttributeDefinition
	KeySchema  []KeySchemaElement
	Locals     []indexDefinition
	Globals    []indexDefinition

	Billing            string // PROVISIONED or PAY_PER_REQUEST
	LastPayPerRequest  time.Time
	Throughput         throughput
	OnDemand           *OnDemandThroughput
	Warm               *WarmThroughput
	Class              string // "" for STANDARD, never set
	ClassChanged       time.Time
	SSE                *SSEDescription
	DeletionProtection bool

	Stream *streamDefinition // the latest one, nil where there never was one

	TTL        string // attribute, "" where TTL is disabled
	TTLChanged time.Time

	Tags         map[string]string
	Policy       *policyDefinition
	StreamPolicy *policyDefinition
	Insights     map[string]insightsDefinition // by index, "" for the table
	PITR         *pitrDefinition
	Restored     *RestoreSummary
}

// throughput is provisioned capacity.
type throughput struct {
	Read, Write          int64
	Increased, Decreased time.Time
	DecreasesToday       int64
}

// indexDefinition is a local or global secondary index.
type indexDefinition struct {
	Name       string
	KeySchema  []KeySchemaElement
	Projection Projection
	Throughput throughput
	OnDemand   *OnDemandThroughput
	Warm       *WarmThroughput
	Ready      time.Time // when a global index leaves CREATING
}

// streamDefinition is the stream of a table.
type streamDefinition struct {
	ID      uint64
	View    string
	Label   string
	Created time.Time
	Open    bool
}

// policyDefinition is a resource policy.
type policyDefinition struct {
	Text, Revision string
}

// insightsDefinition is the state of contributor insights.
type insightsDefinition struct {
	Enabled bool
	Mode    string
	Changed time.Time
}

// pitrDefinition is the state of point-in-time recovery.
type pitrDefinition struct {
	Enabled bool
	Days    int32
	Since   time.Time
}

func (d *definition) place() place { return place{d.Account, d.Region} }

func (d *definition) arn() string { return d.place().arn("table/" + d.Name) }

func (d *definition) indexARN(index string) string { return d.arn() + "/index/" + index }

func (d *definition) streamARN() string { return d.arn() + "/stream/" + d.Stream.Label }

// attributeType is the type of an attribute of a key, "" where it is not defined.
func (d *definition) attributeType(name string) string {
	for _, a := range d.Attributes {
		if a.AttributeName == name {
			return a.AttributeType
		}
	}
	return ""
}

// global returns the global index of that name, nil for none.
func (d *definition) global(name string) *indexDefinition {
	for i := range d.Globals {
		if d.Globals[i].Name == name {
			return &d.Globals[i]
		}
	}
	return nil
}
