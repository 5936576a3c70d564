package model

import (
	"fmt"

	"localcloud/gateway/aws"
)

// shapes makes the shapes of one model, each once, so that recursive ones end.
type shapes struct {
	source          map[string]*shapeJSON
	made            map[string]*aws.Shape
	queryCompatible bool
}

func newShapes(source map[string]*shapeJSON, queryCompatible bool) *shapes {
	return &shapes{source: source, made: make(map[string]*aws.Shape), queryCompatible: queryCompatible}
}

func (s *shapes) message(m *messageJSON) (*aws.Shape, error) {
	if m == nil {
		return nil, nil
	}
	return s.shape(m.Shape)
}

// exception is the shape of an error that an operation lists; older models mark them only there.
func (s *shapes) exception(m *messageJSON) (*aws.Shape, error) {
	shape, err := s.shape(m.Shape)
	if err != nil {
		return nil, err
	}
	if !shape.Exception {
		shape.Exception = true
		shape.Error = s.trait(s.source[m.Shape])
	}
	return shape, nil
}

func (s *shapes) shape(name string) (*aws.Shape, error) {
	if shape, ok := s.made[name]; ok {
		return shape, nil
	}
	j := s.source[name]
	if j == nil {
		return nil, fmt.Errorf("no shape %q", name)
	}
	shape := &aws.Shape{Name: name, Payload: -1}
	s.made[name] = shape
	if err := s.fill(shape, j); err != nil {
		return nil, fmt.Errorf("shape %s: %w", name, err)
	}
	return shape, nil
}

func (s *shapes) fill(shape *aws.Shape, j *shapeJSON) (err error) {
	if shape.Kind, err = kind(j); err != nil {
		return err
	}
	shape.Union, shape.EventStream, shape.Event = j.Union, j.EventStream, j.Event
	shape.Streaming, shape.RequiresLength = j.Streaming, j.RequiresLength
	shape.Flattened, shape.Sparse, shape.Sensitive = j.Flattened, j.Sparse, j.Sensitive
	shape.XMLNamespace, shape.XMLPrefix = j.XMLNamespace.URI, j.XMLNamespace.Prefix
	shape.LocationName, shape.Pattern, shape.Enum = j.LocationName, j.Pattern, j.Enum
	if j.Min != nil {
		shape.HasMin, shape.Min = true, *j.Min
	}
	if j.Max != nil {
		shape.HasMax, shape.Max = true, *j.Max
	}
	if shape.Timestamp, err = timestamp(j.TimestampFormat); err != nil {
		return err
	}
	if j.Exception || j.Error != nil {
		shape.Exception, shape.Error = true, s.trait(j)
	}
	return s.members(shape, j)
}

func (s *shapes) members(shape *aws.Shape, j *shapeJSON) (err error) {
	switch shape.Kind {
	case aws.List:
		shape.Elem, err = s.element("member", j.Member)
	case aws.Map:
		if shape.Key, err = s.element("key", j.Key); err == nil {
			shape.Elem, err = s.element("value", j.Value)
		}
	case aws.Structure:
		shape.Members = make([]aws.Member, 0, len(j.Members))
		for i := range j.Members {
			m, err := s.member(&j.Members[i])
			if err != nil {
				return err
			}
			m.Required = has(j.Required, m.Name)
			if m.Name == j.Payload {
				shape.Payload = i
			}
			shape.Members = append(shape.Members, m)
		}
	}
	return err
}

func (s *shapes) element(name string, j *memberJSON) (*aws.Member, error) {
	if j == nil {
		return nil, fmt.Errorf("no %s", name)
	}
	j.name = name
	m, err := s.member(j)
	return &m, err
}

func (s *shapes) member(j *memberJSON) (m aws.Member, err error) {
	m = aws.Member{
		Name: j.name, LocationName: j.LocationName, QueryName: j.QueryName,
		XMLNamespace: j.XMLNamespace.URI, XMLPrefix: j.XMLNamespace.Prefix,
		Flattened: j.Flattened, XMLAttribute: j.XMLAttribute, JSONValue: j.JSONValue,
		IdempotencyToken: j.IdempotencyToken, HostLabel: j.HostLabel,
		EventHeader: j.EventHeader, EventPayload: j.EventPayload, Streaming: j.Streaming,
		Box: j.Box, Deprecated: j.Deprecated,
	}
	if m.Shape, err = s.shape(j.Shape); err != nil {
		return m, fmt.Errorf("%s: %w", j.name, err)
	}
	m.Streaming = m.Streaming || s.source[j.Shape].Streaming
	if m.Location, err = location(j.Location); err != nil {
		return m, fmt.Errorf("%s: %w", j.name, err)
	}
	m.Timestamp, err = timestamp(j.TimestampFormat)
	return m, err
}

// trait says how an exception is answered. In a query-compatible service the code is that of the
// older query protocol; the shape's name is the code elsewhere.
func (s *shapes) trait(j *shapeJSON) aws.ErrorTrait {
	t := aws.ErrorTrait{Fault: j.Fault}
	if j.Error == nil {
		return t
	}
	t.Status, t.SenderFault = j.Error.Status, j.Error.SenderFault
	t.Fault = t.Fault || t.Status >= 500
	if s.queryCompatible {
		t.QueryCode = j.Error.Code
	} else {
		t.Code = j.Error.Code
	}
	return t
}

func kind(j *shapeJSON) (aws.Kind, error) {
	switch j.Type {
	case "structure":
		if j.Document {
			return aws.Document, nil
		}
		return aws.Structure, nil
	case "list":
		return aws.List, nil
	case "map":
		return aws.Map, nil
	case "string", "character":
		return aws.String, nil
	case "integer", "short", "byte":
		return aws.Integer, nil
	case "long", "bigInteger", "biginteger":
		return aws.Long, nil
	case "float":
		return aws.Float, nil
	case "double", "bigDecimal", "bigdecimal":
		return aws.Double, nil
	case "boolean":
		return aws.Boolean, nil
	case "blob":
		return aws.Blob, nil
	case "timestamp":
		return aws.Timestamp, nil
	}
	return 0, fmt.Errorf("unknown type %q", j.Type)
}

func location(name string) (aws.Location, error) {
	switch name {
	case "":
		return aws.InBody, nil
	case "header":
		return aws.InHeader, nil
	case "headers":
		return aws.InPrefixHeaders, nil
	case "querystring":
		return aws.InQuery, nil
	case "uri":
		return aws.InPath, nil
	case "statusCode":
		return aws.InStatus, nil
	}
	return 0, fmt.Errorf("unknown location %q", name)
}

func timestamp(name string) (aws.TimestampFormat, error) {
	switch name {
	case "":
		return aws.DefaultTimestamp, nil
	case "iso8601":
		return aws.ISO8601, nil
	case "rfc822":
		return aws.RFC822, nil
	case "unixTimestamp":
		return aws.UnixTimestamp, nil
	}
	return 0, fmt.Errorf("unknown timestamp format %q", name)
}
