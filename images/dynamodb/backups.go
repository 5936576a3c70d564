package dynamodb

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"localcloud/gateway/aws"
	"localcloud/images/dynamodb/engine"
)

const backupMeta = "backup/"

// maxBackups is how many backups an answer lists.
const maxBackups = 100

// backup is one on-demand backup: the table as it was, and its items.
type backup struct {
	ARN, Name    string
	Created      time.Time
	Items, Bytes int64
	Table        definition
	ID           uint64 // of the items in the engine

	items *engine.Table
}

// backups are all backups by ARN.
type backups struct {
	mu    sync.Mutex
	byARN map[string]*backup
}

func (s *backups) init() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.byARN = make(map[string]*backup)
}

func (s *backups) find(arn string) *backup {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.byARN[arn]
}

func noBackup(arn string) *aws.Error {
	return aws.Errorf("BackupNotFoundException", "Backup not found: %s", arn)
}

func (b *Backend) createBackup(ctx context.Context, in *CreateBackupInput) (*CreateBackupOutput, error) {
	p, name, err := parseTableName(aws.CallFrom(ctx), in.TableName)
	if err != nil {
		return nil, err
	}
	t := b.tables.find(p, name)
	if t == nil {
		return nil, aws.Errorf("TableNotFoundException", "Table not found: %s", name)
	}
	now := b.now().Truncate(time.Millisecond)
	k := &backup{Name: in.BackupName, Created: now, Table: *t.def.Load(), ID: b.tables.newID()}
	id := fnv.New32a()
	fmt.Fprint(id, k.ID, now)
	k.ARN = fmt.Sprintf("%s/backup/%014d-%08x", k.Table.arn(), now.UnixMilli(), id.Sum32())
	k.items = b.db.NewTable(k.ID, t.keys)
	if err := b.keepBackup(k); err != nil {
		return nil, err
	}
	if err := b.db.Copy(t.items, k.items); err != nil {
		return nil, err
	}
	k.Items, k.Bytes = k.items.Counts()
	if err := b.keepBackup(k); err != nil {
		return nil, err
	}
	b.backups.mu.Lock()
	b.backups.byARN[k.ARN] = k
	b.backups.mu.Unlock()
	details := k.details()
	details.BackupStatus = BackupStatusCreating
	return &CreateBackupOutput{BackupDetails: details}, nil
}

func (b *Backend) keepBackup(k *backup) error {
	text, err := json.Marshal(k)
	if err != nil {
		return err
	}
	return b.db.SetMeta(engine.Meta{Key: backupMeta + k.ARN, Value: string(text)})
}

// restoreBackup takes a backup of the log in.
func (b *Backend) restoreBackup(key, value string) error {
	arn := strings.TrimPrefix(key, backupMeta)
	if value == "" {
		if k := b.backups.find(arn); k != nil {
			b.db.Drop(k.items)
			delete(b.backups.byARN, arn)
		}
		return nil
	}
	k := new(backup)
	if err := json.Unmarshal([]byte(value), k); err != nil {
		return fmt.Errorf("dynamodb: definition of a backup: %w", err)
	}
	b.tables.used(k.ID)
	if k.items = b.db.Table(k.ID); k.items == nil {
		k.items = b.db.NewTable(k.ID, keysOf(&k.Table, k.Table.KeySchema))
	}
	b.backups.byARN[arn] = k
	return nil
}

func (k *backup) details() *BackupDetails {
	return &BackupDetails{
		BackupArn: k.ARN, BackupName: k.Name, BackupSizeBytes: &k.Bytes, BackupStatus: BackupStatusAvailable,
		BackupType: BackupTypeUser, BackupCreationDateTime: k.Created,
	}
}

func (k *backup) description() *BackupDescription {
	d := &k.Table
	source := &SourceTableDetails{
		TableName: d.Name, TableId: d.UUID, TableArn: ptr(d.arn()), TableSizeBytes: &k.Bytes, KeySchema: d.KeySchema,
		TableCreationDateTime: d.Created, ItemCount: &k.Items, BillingMode: &d.Billing, OnDemandThroughput: d.OnDemand,
		ProvisionedThroughput: &ProvisionedThroughput{ReadCapacityUnits: d.Throughput.Read, WriteCapacityUnits: d.Throughput.Write},
	}
	features := &SourceTableFeatureDetails{SSEDescription: d.SSE}
	for i := range d.Locals {
		x := &d.Locals[i]
		features.LocalSecondaryIndexes = append(features.LocalSecondaryIndexes,
			LocalSecondaryIndexInfo{IndexName: &x.Name, KeySchema: x.KeySchema, Projection: &x.Projection})
	}
	for i := range d.Globals {
		x := &d.Globals[i]
		features.GlobalSecondaryIndexes = append(features.GlobalSecondaryIndexes, GlobalSecondaryIndexInfo{
			IndexName: &x.Name, KeySchema: x.KeySchema, Projection: &x.Projection,
			ProvisionedThroughput: &ProvisionedThroughput{ReadCapacityUnits: x.Throughput.Read, WriteCapacityUnits: x.Throughput.Write},
		})
	}
	if d.Stream != nil && d.Stream.Open {
		features.StreamDescription = &StreamSpecification{StreamEnabled: true, StreamViewType: &d.Stream.View}
	}
	if d.TTL != "" {
		features.TimeToLiveDescription = &TimeToLiveDescription{TimeToLiveStatus: ptr(TimeToLiveStatusEnabled), AttributeName: &d.TTL}
	}
	return &BackupDescription{BackupDetails: k.details(), SourceTableDetails: source, SourceTableFeatureDetails: features}
}

// ownBackup finds a backup of the caller's account and region.
func (b *Backend) ownBackup(ctx context.Context, arn string) (*backup, error) {
	k := b.backups.find(arn)
	if k == nil || k.Table.place() != placeOf(aws.CallFrom(ctx)) {
		return nil, noBackup(arn)
	}
	return k, nil
}

func (b *Backend) describeBackup(ctx context.Context, in *DescribeBackupInput) (*DescribeBackupOutput, error) {
	k, err := b.ownBackup(ctx, in.BackupArn)
	if err != nil {
		return nil, err
	}
	return &DescribeBackupOutput{BackupDescription: k.description()}, nil
}

func (b *Backend) deleteBackup(ctx context.Context, in *DeleteBackupInput) (*DeleteBackupOutput, error) {
	k, err := b.ownBackup(ctx, in.BackupArn)
	if err != nil {
		return nil, err
	}
	b.backups.mu.Lock()
	known := b.backups.byARN[k.ARN] == k
	delete(b.backups.byARN, k.ARN)
	b.backups.mu.Unlock()
	if !known {
		return nil, noBackup(in.BackupArn)
	}
	b.db.Drop(k.items)
	description := k.description()
	description.BackupDetails.BackupStatus = BackupStatusDeleted
	return &DeleteBackupOutput{BackupDescription: description}, b.db.SetMeta(engine.Meta{Key: backupMeta + k.ARN})
}

func (b *Backend) listBackups(ctx context.Context, in *ListBackupsInput) (*ListBackupsOutput, error) {
	call := aws.CallFrom(ctx)
	p, name := placeOf(call), ""
	if in.TableName != nil {
		var err error
		if p, name, err = parseTableName(call, *in.TableName); err != nil {
			return nil, err
		}
	}
	b.backups.mu.Lock()
	arns := slices.Sorted(maps.Keys(b.backups.byARN))
	var found []*backup
	for _, arn := range arns {
		if k := b.backups.byARN[arn]; k.Table.place() == p && in.wants(k, name) {
			found = append(found, k)
		}
	}
	b.backups.mu.Unlock()
	limit := maxBackups
	if in.Limit != nil {
		limit = int(*in.Limit)
	}
	out := &ListBackupsOutput{BackupSummaries: []BackupSummary{}}
	for _, k := range found {
		if len(out.BackupSummaries) == limit {
			out.LastEvaluatedBackupArn = out.BackupSummaries[limit-1].BackupArn
			break
		}
		d := k.details()
		out.BackupSummaries = append(out.BackupSummaries, BackupSummary{
			TableName: &k.Table.Name, TableId: &k.Table.UUID, TableArn: ptr(k.Table.arn()), BackupArn: &d.BackupArn,
			BackupName: &d.BackupName, BackupCreationDateTime: &d.BackupCreationDateTime, BackupStatus: &d.BackupStatus,
			BackupType: &d.BackupType, BackupSizeBytes: d.BackupSizeBytes,
		})
	}
	return out, nil
}

func (in *ListBackupsInput) wants(k *backup, table string) bool {
	switch {
	case table != "" && k.Table.Name != table,
		in.ExclusiveStartBackupArn != nil && k.ARN <= *in.ExclusiveStartBackupArn,
		in.TimeRangeLowerBound != nil && k.Created.Before(*in.TimeRangeLowerBound),
		in.TimeRangeUpperBound != nil && !k.Created.Before(*in.TimeRangeUpperBound),
		in.BackupType != nil && *in.BackupType != BackupTypeUser && *in.BackupType != BackupTypeFilterAll:
		return false
	}
	return true
}

func (b *Backend) restoreTableFromBackup(ctx context.Context, in *RestoreTableFromBackupInput) (*RestoreTableFromBackupOutput, error) {
	call := aws.CallFrom(ctx)
	if err := checkName("targetTableName", in.TargetTableName, 3); err != nil {
		return nil, err
	}
	k, err := b.ownBackup(ctx, in.BackupArn)
	if err != nil {
		return nil, err
	}
	if b.tables.find(placeOf(call), in.TargetTableName) != nil {
		return nil, aws.Errorf("TableAlreadyExistsException", "Table already exists: %s", in.TargetTableName)
	}
	d, err := b.restored(call, k, in)
	if err != nil {
		return nil, err
	}
	t := newTable(b.db, d)
	if err := b.persist(d); err != nil {
		return nil, err
	}
	if err := b.db.Copy(k.items, t.items); err != nil {
		return nil, err
	}
	if !b.tables.add(t) {
		b.db.Drop(t.items)
		return nil, aws.Errorf("TableAlreadyExistsException", "Table already exists: %s", in.TargetTableName)
	}
	description := b.describe(t)
	description.TableStatus = ptr(TableStatusCreating)
	description.RestoreSummary.RestoreInProgress = true
	return &RestoreTableFromBackupOutput{TableDescription: description}, nil
}

// restored is the definition of a table that is made from a backup: without stream, TTL, tags and
// policies, which AWS leaves out too.
func (b *Backend) restored(call *aws.Call, k *backup, in *RestoreTableFromBackupInput) (*definition, error) {
	d := k.Table
	now := b.now().Truncate(time.Millisecond)
	d.ID, d.Name, d.UUID, d.Created = b.tables.newID(), in.TargetTableName, newUUID(), now
	d.Ready, d.Making = now.Add(b.settings.transition), true
	d.Stream, d.TTL, d.Tags, d.Policy, d.StreamPolicy, d.Insights, d.PITR = nil, "", nil, nil, nil, nil, nil
	d.DeletionProtection = false
	d.Restored = &RestoreSummary{SourceBackupArn: &k.ARN, SourceTableArn: ptr(k.Table.arn()), RestoreDateTime: now}
	if in.BillingModeOverride != nil {
		d.Billing = *in.BillingModeOverride
		d.Throughput = throughput{}
		if d.Billing == BillingModePayPerRequest {
			d.LastPayPerRequest = now
		}
	}
	if p := in.ProvisionedThroughputOverride; p != nil {
		d.Throughput = throughput{Read: p.ReadCapacityUnits, Write: p.WriteCapacityUnits}
	}
	if d.Billing == BillingModeProvisioned && d.Throughput.Read == 0 {
		return nil, invalid(invalidValues + "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED")
	}
	if in.OnDemandThroughputOverride != nil {
		d.OnDemand = in.OnDemandThroughputOverride
	}
	var err error
	if in.SSESpecificationOverride != nil {
		if d.SSE, err = sseOf(call, in.SSESpecificationOverride); err != nil {
			return nil, err
		}
	}
	if d.Globals, err = keptIndexes(d.Globals, globalOverride(in.GlobalSecondaryIndexOverride), in.GlobalSecondaryIndexOverride != nil); err != nil {
		return nil, err
	}
	if d.Locals, err = keptIndexes(d.Locals, localOverride(in.LocalSecondaryIndexOverride), in.LocalSecondaryIndexOverride != nil); err != nil {
		return nil, err
	}
	d.dropUnused()
	return &d, nil
}

func globalOverride(list []GlobalSecondaryIndex) (requests []newIndexRequest) {
	for _, x := range list {
		requests = append(requests, newIndexRequest{name: x.IndexName, throughput: x.ProvisionedThroughput, onDemand: x.OnDemandThroughput})
	}
	return requests
}

func localOverride(list []LocalSecondaryIndex) (requests []newIndexRequest) {
	for _, x := range list {
		requests = append(requests, newIndexRequest{name: x.IndexName})
	}
	return requests
}

// keptIndexes are those of a backup's indexes that an override names; all where there is none.
func keptIndexes(all []indexDefinition, named []newIndexRequest, override bool) ([]indexDefinition, error) {
	if !override {
		return all, nil
	}
	var kept []indexDefinition
	for _, x := range named {
		at := slices.IndexFunc(all, func(d indexDefinition) bool { return d.Name == x.name })
		if at < 0 {
			return nil, invalid(invalidValues + "The backup has no index " + x.name)
		}
		d := all[at]
		if x.throughput != nil {
			d.Throughput = throughput{Read: x.throughput.ReadCapacityUnits, Write: x.throughput.WriteCapacityUnits}
		}
		kept = append(kept, d)
	}
	return kept, nil
}
