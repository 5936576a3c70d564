package model

import (
	"encoding/json"
	"fmt"

	"localcloud/gateway/aws"
)

// A Suite is one group of protocol vectors around one small model.
type Suite struct {
	Description    string
	ClientEndpoint string // "" for none
	Cases          []Case
}

// A Case is one vector: an operation of a service of its own, and the case as it stands in the file
// ("params" and "serialized", or "result" and "response").
type Case struct {
	ID        string
	Operation *aws.Operation // its Service holds it alone
	Raw       json.RawMessage
}

// Suites reads one file of protocol vectors.
func Suites(data []byte) ([]Suite, error) {
	var source []struct {
		Description    string                `json:"description"`
		ClientEndpoint string                `json:"clientEndpoint"`
		Metadata       metadataJSON          `json:"metadata"`
		Shapes         map[string]*shapeJSON `json:"shapes"`
		Cases          []json.RawMessage     `json:"cases"`
	}
	if err := json.Unmarshal(data, &source); err != nil {
		return nil, fmt.Errorf("protocol vectors: %w", err)
	}
	var suites []Suite
	for _, s := range source {
		suite := Suite{Description: s.Description, ClientEndpoint: s.ClientEndpoint}
		for _, raw := range s.Cases {
			c, err := vector(&s.Metadata, s.Shapes, raw)
			if err != nil {
				return nil, fmt.Errorf("protocol vectors, %s: %w", s.Description, err)
			}
			suite.Cases = append(suite.Cases, c)
		}
		suites = append(suites, suite)
	}
	return suites, nil
}

func vector(metadata *metadataJSON, source map[string]*shapeJSON, raw json.RawMessage) (Case, error) {
	var c struct {
		ID    string        `json:"id"`
		Given operationJSON `json:"given"`
	}
	if err := json.Unmarshal(raw, &c); err != nil {
		return Case{}, err
	}
	service, err := metadata.service("vectors")
	if err != nil {
		return Case{}, fmt.Errorf("%s: %w", c.ID, err)
	}
	op, err := c.Given.operation(newShapes(source, service.QueryCompatible))
	if err != nil {
		return Case{}, fmt.Errorf("%s: %w", c.ID, err)
	}
	service.SetOperations([]*aws.Operation{op})
	return Case{ID: c.ID, Operation: op, Raw: raw}, nil
}
