package dynamodb

import (
	"fmt"
	"slices"
	"strings"
)

// Limits of tables and indexes.
const (
	maxLocals        = 5
	maxGlobals       = 20
	maxIncluded      = 100 // attributes of all INCLUDE projections together
	maxCapacityUnits = 1_000_000_000_000
	maxKeyParts      = 4 // hash or range attributes of a global index
)

// newIndexRequest is what CreateTable and UpdateTable say of an index.
type newIndexRequest struct {
	name       string
	schema     []KeySchemaElement
	projection *Projection
	throughput *ProvisionedThroughput
	onDemand   *OnDemandThroughput
	warm       *WarmThroughput
	global     bool
}

func (r *newIndexRequest) definition() indexDefinition {
	d := indexDefinition{Name: r.name, KeySchema: r.schema, OnDemand: r.onDemand, Warm: r.warm}
	if r.projection != nil {
		d.Projection = *r.projection
	}
	if r.throughput != nil {
		d.Throughput = throughput{Read: r.throughput.ReadCapacityUnits, Write: r.throughput.WriteCapacityUnits}
	}
	return d
}

// checkSchema checks the key schema of a table or index against the attribute definitions.
func checkSchema(schema []KeySchemaElement, attributes []AttributeDefinition, global bool) error {
	names := make([]string, len(schema))
	for i, e := range schema {
		names[i] = e.AttributeName
		if !slices.ContainsFunc(attributes, func(a AttributeDefinition) bool { return a.AttributeName == e.AttributeName }) {
			return invalid(invalidValues + "Some index key attributes are not defined in AttributeDefinitions. Keys: " +
				listed(schemaNames(schema)) + ", AttributeDefinitions: " + listed(definedNames(attributes)))
		}
	}
	hashes, ranges := 0, 0
	for i, e := range schema {
		if e.KeyType == KeyTypeHash {
			hashes++
			if ranges > 0 {
				return invalid("Invalid KeySchema: The second KeySchemaElement is not a RANGE key type")
			}
		} else {
			ranges++
			if i == 0 {
				return invalid("Invalid KeySchema: The first KeySchemaElement is not a HASH key type")
			}
		}
		if slices.Contains(names[:i], e.AttributeName) {
			return invalid("Both the Hash Key and the Range Key element in the KeySchema have the same name")
		}
	}
	switch {
	case !global && hashes > 1:
		return invalid("Invalid KeySchema: The second KeySchemaElement is not a RANGE key type")
	case !global && len(schema) > 2, hashes > maxKeyParts, ranges > maxKeyParts:
		return invalidf("1 validation error detected: Value '%s' at 'keySchema' failed to satisfy constraint: Member must have length less than or equal to %d",
			shownSchema(schema), map[bool]int{false: 2, true: 2 * maxKeyParts}[global])
	}
	return nil
}

func shownSchema(schema []KeySchemaElement) string {
	parts := make([]string, len(schema))
	for i, e := range schema {
		parts[i] = fmt.Sprintf("KeySchemaElement(attributeName=%s, keyType=%s)", e.AttributeName, e.KeyType)
	}
	return listed(parts)
}

func schemaNames(schema []KeySchemaElement) []string {
	names := make([]string, len(schema))
	for i, e := range schema {
		names[i] = e.AttributeName
	}
	return names
}

func definedNames(attributes []AttributeDefinition) []string {
	names := make([]string, len(attributes))
	for i, a := range attributes {
		names[i] = a.AttributeName
	}
	return names
}

func listed(names []string) string { return "[" + strings.Join(names, ", ") + "]" }

// checkAttributes finds definitions that come twice, and such that no key uses.
func checkAttributes(attributes []AttributeDefinition, schemas [][]KeySchemaElement) error {
	used := make(map[string]bool)
	for _, schema := range schemas {
		for _, e := range schema {
			used[e.AttributeName] = true
		}
	}
	var unique []string
	for _, a := range attributes {
		if slices.Contains(unique, a.AttributeName) {
			return invalid("Duplicate AttributeName in AttributeDefinitions: " + a.AttributeName)
		}
		unique = append(unique, a.AttributeName)
	}
	if len(used) == len(unique) {
		return nil
	}
	if len(schemas) == 1 {
		return invalid(invalidValues + "Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions")
	}
	return invalid(invalidValues + "Some AttributeDefinitions are not used. AttributeDefinitions: " + listed(unique) +
		", keys used: " + listed(usedNames(schemas)))
}

func usedNames(schemas [][]KeySchemaElement) []string {
	var names []string
	for _, schema := range schemas {
		for _, e := range schema {
			if !slices.Contains(names, e.AttributeName) {
				names = append(names, e.AttributeName)
			}
		}
	}
	return names
}

// checkProjection checks the projection of an index.
func checkProjection(p *Projection) error {
	switch {
	case p == nil || p.ProjectionType == nil:
		return invalid(invalidValues + "Unknown ProjectionType: null")
	case p.NonKeyAttributes != nil && *p.ProjectionType != ProjectionTypeInclude:
		return invalid(invalidValues + "ProjectionType is " + *p.ProjectionType + ", but NonKeyAttributes is specified")
	case p.NonKeyAttributes == nil && *p.ProjectionType == ProjectionTypeInclude:
		return invalid(invalidValues + "ProjectionType is INCLUDE, but NonKeyAttributes is not specified")
	}
	for i, name := range p.NonKeyAttributes {
		if slices.Contains(p.NonKeyAttributes[:i], name) {
			return invalid(invalidValues + "Duplicate name in NonKeyAttributes: " + name)
		}
	}
	return nil
}

// checkLocals checks the local indexes of a new table.
func checkLocals(list []newIndexRequest, table []KeySchemaElement, attributes []AttributeDefinition) error {
	if len(table) != 2 {
		return invalid(invalidValues + "Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex")
	}
	for i := range list {
		x := &list[i]
		if err := checkSchema(x.schema, attributes, false); err != nil {
			return err
		}
		if len(x.schema) != 2 {
			return invalid(invalidValues + "Index KeySchema does not have a range key for index: " + x.name)
		}
		if x.schema[0].AttributeName != table[0].AttributeName {
			return invalid(invalidValues + "Index KeySchema does not have the same leading hash key as table KeySchema for index: " + x.name +
				". index hash key: " + x.schema[0].AttributeName + ", table hash key: " + table[0].AttributeName)
		}
		if err := checkProjection(x.projection); err != nil {
			return err
		}
	}
	if len(list) > maxLocals {
		return invalid(invalidValues + "Number of LocalSecondaryIndexes exceeds per-table limit of 5")
	}
	return nil
}

// checkGlobals checks global indexes of a table with that billing mode.
func checkGlobals(list []newIndexRequest, attributes []AttributeDefinition, billing string) error {
	for i := range list {
		x := &list[i]
		if err := checkSchema(x.schema, attributes, true); err != nil {
			return err
		}
		if err := checkProjection(x.projection); err != nil {
			return err
		}
		switch {
		case billing == BillingModePayPerRequest && x.throughput != nil:
			return invalid(invalidValues + "ProvisionedThroughput should not be specified for index: " + x.name + " when BillingMode is PAY_PER_REQUEST")
		case billing != BillingModePayPerRequest && x.throughput == nil:
			return invalid(invalidValues + "ProvisionedThroughput must be specified for index: " + x.name)
		}
		if x.throughput != nil {
			if err := checkUnits(x.throughput, " for index "+x.name); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkNames finds indexes of one name, and too many included attributes.
func checkIndexNames(list []newIndexRequest) error {
	included := 0
	for i := range list {
		if err := checkName("indexName", list[i].name, 3); err != nil {
			return err
		}
		if slices.ContainsFunc(list[:i], func(x newIndexRequest) bool { return x.name == list[i].name }) {
			return invalid(invalidValues + "Duplicate index name: " + list[i].name)
		}
		if list[i].projection != nil {
			included += len(list[i].projection.NonKeyAttributes)
		}
	}
	if included > maxIncluded {
		return invalid(invalidValues + "Number of NonKeyAttributes across all indexes exceeds the per-table limit of 100")
	}
	return nil
}

func checkUnits(p *ProvisionedThroughput, where string) error {
	if p.ReadCapacityUnits > maxCapacityUnits {
		return invalidf("Given value %d for ReadCapacityUnits is out of bounds%s", p.ReadCapacityUnits, where)
	}
	if p.WriteCapacityUnits > maxCapacityUnits {
		return invalidf("Given value %d for WriteCapacityUnits is out of bounds%s", p.WriteCapacityUnits, where)
	}
	return nil
}
