package dynamodb

import (
	"context"
	"time"

	"localcloud/gateway/aws"
)

// describe is the description of a table as it is now.
func (b *Backend) describe(t *table) *TableDescription {
	d, now := t.def.Load(), b.now()
	items, bytes := t.items.Counts()
	out := &TableDescription{
		AttributeDefinitions: d.Attributes, TableName: &d.Name, KeySchema: d.KeySchema,
		TableStatus: ptr(t.status(now)), CreationDateTime: &d.Created,
		ProvisionedThroughput: d.Throughput.description(), TableSizeBytes: &bytes, ItemCount: &items,
		TableArn: ptr(d.arn()), TableId: &d.UUID, DeletionProtectionEnabled: &d.DeletionProtection,
		OnDemandThroughput: d.OnDemand, SSEDescription: d.SSE, RestoreSummary: d.Restored,
	}
	if d.Billing == BillingModePayPerRequest || !d.LastPayPerRequest.IsZero() {
		out.BillingModeSummary = &BillingModeSummary{BillingMode: &d.Billing}
		if !d.LastPayPerRequest.IsZero() {
			out.BillingModeSummary.LastUpdateToPayPerRequestDateTime = &d.LastPayPerRequest
		}
	}
	if d.Class != "" {
		out.TableClassSummary = &TableClassSummary{TableClass: &d.Class}
		if d.ClassChanged.After(d.Created) {
			out.TableClassSummary.LastUpdateDateTime = &d.ClassChanged
		}
	}
	if d.Stream != nil {
		out.LatestStreamArn, out.LatestStreamLabel = ptr(d.streamARN()), &d.Stream.Label
		if d.Stream.Open {
			out.StreamSpecification = &StreamSpecification{StreamEnabled: true, StreamViewType: &d.Stream.View}
		}
	}
	read, write := d.warm(d.Warm, d.Throughput)
	out.WarmThroughput = &TableWarmThroughputDescription{ReadUnitsPerSecond: &read, WriteUnitsPerSecond: &write, Status: ptr(TableStatusActive)}
	t.describeIndexes(d, out, now)
	return out
}

func (t *table) describeIndexes(d *definition, out *TableDescription, now time.Time) {
	for i := range d.Locals {
		x := &d.Locals[i]
		items, bytes := t.indexCounts(x.Name)
		out.LocalSecondaryIndexes = append(out.LocalSecondaryIndexes, LocalSecondaryIndexDescription{
			IndexName: &x.Name, KeySchema: x.KeySchema, Projection: &x.Projection, IndexSizeBytes: &bytes,
			ItemCount: &items, IndexArn: ptr(d.indexARN(x.Name)),
		})
	}
	for i := range d.Globals {
		x := &d.Globals[i]
		items, bytes := t.indexCounts(x.Name)
		read, write := d.warm(x.Warm, x.Throughput)
		description := GlobalSecondaryIndexDescription{
			IndexName: &x.Name, KeySchema: x.KeySchema, Projection: &x.Projection, IndexStatus: ptr(IndexStatusActive),
			ProvisionedThroughput: x.Throughput.description(), IndexSizeBytes: &bytes, ItemCount: &items,
			IndexArn: ptr(d.indexARN(x.Name)), OnDemandThroughput: x.OnDemand,
			WarmThroughput: &GlobalSecondaryIndexWarmThroughputDescription{
				ReadUnitsPerSecond: &read, WriteUnitsPerSecond: &write, Status: ptr(IndexStatusActive)},
		}
		if now.Before(x.Ready) {
			description.IndexStatus, description.Backfilling = ptr(IndexStatusCreating), ptr(true)
		}
		out.GlobalSecondaryIndexes = append(out.GlobalSecondaryIndexes, description)
	}
}

func (t *table) indexCounts(name string) (items, bytes int64) {
	if x := t.indexNamed(name); x != nil {
		return x.Counts()
	}
	return 0, 0
}

// warm is the throughput that a table or index can take at once.
func (d *definition) warm(asked *WarmThroughput, provisioned throughput) (read, write int64) {
	read, write = 12000, 4000
	if d.Billing != BillingModePayPerRequest {
		read, write = provisioned.Read, provisioned.Write
	}
	if asked != nil {
		if asked.ReadUnitsPerSecond != nil {
			read = max(read, *asked.ReadUnitsPerSecond)
		}
		if asked.WriteUnitsPerSecond != nil {
			write = max(write, *asked.WriteUnitsPerSecond)
		}
	}
	return read, write
}

func (p throughput) description() *ProvisionedThroughputDescription {
	d := &ProvisionedThroughputDescription{ReadCapacityUnits: &p.Read, WriteCapacityUnits: &p.Write, NumberOfDecreasesToday: &p.DecreasesToday}
	if !p.Increased.IsZero() {
		d.LastIncreaseDateTime = &p.Increased
	}
	if !p.Decreased.IsZero() {
		d.LastDecreaseDateTime = &p.Decreased
	}
	return d
}

func (b *Backend) describeTable(ctx context.Context, in *DescribeTableInput) (*DescribeTableOutput, error) {
	t, err := b.tableNamed(aws.CallFrom(ctx), in.TableName)
	if err != nil {
		return nil, err
	}
	return &DescribeTableOutput{Table: b.describe(t)}, nil
}

const maxTableNames = 100

func (b *Backend) listTables(ctx context.Context, in *ListTablesInput) (*ListTablesOutput, error) {
	limit := maxTableNames
	if in.Limit != nil {
		limit = int(*in.Limit)
	}
	names, more := b.tables.names(placeOf(aws.CallFrom(ctx)), deref(in.ExclusiveStartTableName), limit)
	out := &ListTablesOutput{TableNames: names}
	if names == nil {
		out.TableNames = []string{}
	}
	if more {
		out.LastEvaluatedTableName = &names[len(names)-1]
	}
	return out, nil
}

func (b *Backend) deleteTable(ctx context.Context, in *DeleteTableInput) (*DeleteTableOutput, error) {
	t, err := b.tableNamed(aws.CallFrom(ctx), in.TableName)
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	d := t.def.Load()
	switch {
	case b.tables.find(t.place, t.name) != t:
		return nil, noTableNamed(t.name)
	case d.DeletionProtection:
		return nil, invalidf("Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.")
	case t.status(b.now()) == TableStatusCreating:
		return nil, aws.Errorf("ResourceInUseException", "Attempt to change a resource which is still in use: Table is being created: %s", t.name)
	}
	items, bytes := t.items.Counts()
	out := &DeleteTableOutput{TableDescription: &TableDescription{
		TableName: &d.Name, TableStatus: ptr(TableStatusDeleting), TableArn: ptr(d.arn()), TableId: &d.UUID,
		ItemCount: &items, TableSizeBytes: &bytes, ProvisionedThroughput: d.Throughput.description(),
		DeletionProtectionEnabled: &d.DeletionProtection,
	}}
	return out, b.dropTable(t)
}

// dropTable ends a table; its stream can be read for a day more. mu is held.
func (b *Backend) dropTable(t *table) error {
	if err := b.closeStream(t); err != nil {
		return err
	}
	b.tables.remove(t)
	b.db.Drop(t.items)
	return b.forget(t)
}
