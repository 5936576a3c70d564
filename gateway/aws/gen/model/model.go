// Package model reads AWS API models in the format of botocore (service-2.json) into the types of
// gateway/aws. The generator makes the tables out of what it returns; tests read protocol vectors
// with it, whose suites carry small models of the same format.
package model

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"sort"

	"localcloud/gateway/aws"
)

// Parse reads the model of the service of that name. data may be compressed with gzip.
func Parse(name string, data []byte) (*aws.Service, error) {
	data, err := inflate(data)
	if err != nil {
		return nil, fmt.Errorf("model %s: %w", name, err)
	}
	var m modelJSON
	if err := json.Unmarshal(data, &m); err != nil {
		return nil, fmt.Errorf("model %s: %w", name, err)
	}
	service, err := m.service(name)
	if err != nil {
		return nil, fmt.Errorf("model %s: %w", name, err)
	}
	return service, nil
}

func inflate(data []byte) ([]byte, error) {
	if len(data) < 2 || data[0] != 0x1f || data[1] != 0x8b {
		return data, nil
	}
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

func (m *modelJSON) service(name string) (*aws.Service, error) {
	s, err := m.Metadata.service(name)
	if err != nil {
		return nil, err
	}
	shapes := newShapes(m.Shapes, s.QueryCompatible)
	var operations []*aws.Operation
	for key, o := range m.Operations {
		o.Name = key // the name inside may carry the version ("CopyDistribution2020_05_31")
		op, err := o.operation(shapes)
		if err != nil {
			return nil, fmt.Errorf("operation %s: %w", key, err)
		}
		operations = append(operations, op)
	}
	sort.Slice(operations, func(i, j int) bool { return operations[i].Name < operations[j].Name })
	s.SetOperations(operations)
	return s, nil
}

func (m *metadataJSON) service(name string) (*aws.Service, error) {
	s := &aws.Service{
		Name: name, ID: m.ServiceID, SigningName: m.SigningName, EndpointPrefix: m.EndpointPrefix,
		TargetPrefix: m.TargetPrefix, APIVersion: m.APIVersion, XMLNamespace: m.XMLNamespace.URI,
		QueryCompatible: m.AWSQueryCompatible != nil,
		Bearer:          m.SignatureVersion == "bearer" || has(m.Auth, "smithy.api#httpBearerAuth"),
	}
	if s.SigningName == "" {
		s.SigningName = m.EndpointPrefix
	}
	names := m.Protocols
	if len(names) == 0 {
		names = []string{m.Protocol}
	}
	for _, p := range names {
		protocol, err := protocol(p, m.JSONVersion)
		if err != nil {
			return nil, err
		}
		s.Protocols = append(s.Protocols, protocol)
	}
	return s, nil
}

func protocol(name, jsonVersion string) (aws.Protocol, error) {
	switch name {
	case "query":
		return aws.Query, nil
	case "ec2":
		return aws.EC2, nil
	case "json":
		if jsonVersion == "1.0" {
			return aws.JSON10, nil
		}
		return aws.JSON11, nil
	case "rest-json":
		return aws.RestJSON, nil
	case "rest-xml":
		return aws.RestXML, nil
	case "smithy-rpc-v2-cbor":
		return aws.RPCv2CBOR, nil
	}
	return aws.Unknown, fmt.Errorf("unknown protocol %q", name)
}

func (o *operationJSON) operation(shapes *shapes) (*aws.Operation, error) {
	op := &aws.Operation{
		Name: o.Name, Method: o.HTTP.Method, URI: o.HTTP.RequestURI, Status: o.HTTP.ResponseCode,
		HostPrefix:         o.Endpoint.HostPrefix,
		ChecksumRequired:   o.HTTPChecksumRequired || o.HTTPChecksum.RequestChecksumRequired,
		ChecksumAlgorithm:  o.HTTPChecksum.RequestAlgorithmMember,
		ChecksumMode:       o.HTTPChecksum.RequestValidationModeMember,
		ResponseChecksums:  o.HTTPChecksum.ResponseAlgorithms,
		RequestCompression: o.RequestCompression.Encodings,
		Unsigned:           o.AuthType == "none" || has(o.Auth, "smithy.api#noAuth"),
		UnsignedPayload:    o.UnsignedPayload || o.AuthType == "v4-unsigned-body",
		Deprecated:         o.Deprecated,
	}
	if op.Status == 0 {
		op.Status = 200
	}
	input, err := shapes.message(o.Input)
	if err != nil {
		return nil, err
	}
	output, err := shapes.message(o.Output)
	if err != nil {
		return nil, err
	}
	if o.Input != nil {
		op.InputName, op.InputNamespace = o.Input.LocationName, o.Input.XMLNamespace.URI
		op.RequiredQuery, op.RequiredHeaders = required(input)
	}
	if o.Output != nil {
		op.ResultWrapper = o.Output.ResultWrapper
	}
	var errors []*aws.Shape
	for i := range o.Errors {
		e, err := shapes.exception(&o.Errors[i])
		if err != nil {
			return nil, err
		}
		errors = append(errors, e)
	}
	op.SetShapes(input, output, errors)
	return op, nil
}

// required lists the wire names of the members that a request cannot lack in query and headers.
func required(input *aws.Shape) (query, headers []string) {
	for i := range input.Members {
		m := &input.Members[i]
		switch {
		case m.Required && m.Location == aws.InQuery:
			query = append(query, m.WireName())
		case m.Required && m.Location == aws.InHeader:
			headers = append(headers, m.WireName())
		}
	}
	return query, headers
}

func has(list []string, s string) bool {
	for _, e := range list {
		if e == s {
			return true
		}
	}
	return false
}
