package dynamodb

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"localcloud/gateway/aws"
)

const defaultRecoveryDays = 35

func (b *Backend) updateContinuousBackups(ctx context.Context, in *UpdateContinuousBackupsInput) (*UpdateContinuousBackupsOutput, error) {
	t, err := b.pointInTimeTable(ctx, in.TableName)
	if err != nil {
		return nil, err
	}
	spec := in.PointInTimeRecoverySpecification
	if spec.RecoveryPeriodInDays != nil && !spec.PointInTimeRecoveryEnabled {
		return nil, invalid("RecoveryPeriodInDays cannot be specified when PointInTimeRecoveryEnabled is false")
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	err = b.change(t, func(d *definition) {
		p := &pitrDefinition{Enabled: spec.PointInTimeRecoveryEnabled, Days: defaultRecoveryDays, Since: b.now()}
		if old := d.PITR; old != nil && old.Enabled && p.Enabled {
			p.Since, p.Days = old.Since, old.Days
		}
		if spec.RecoveryPeriodInDays != nil {
			p.Days = *spec.RecoveryPeriodInDays
		}
		d.PITR = p
	})
	return &UpdateContinuousBackupsOutput{ContinuousBackupsDescription: t.def.Load().continuousBackups(b.now())}, err
}

func (b *Backend) describeContinuousBackups(ctx context.Context, in *DescribeContinuousBackupsInput) (*DescribeContinuousBackupsOutput, error) {
	t, err := b.pointInTimeTable(ctx, in.TableName)
	if err != nil {
		return nil, err
	}
	return &DescribeContinuousBackupsOutput{ContinuousBackupsDescription: t.def.Load().continuousBackups(b.now())}, nil
}

// pointInTimeTable finds a table; these operations have an error of their own.
func (b *Backend) pointInTimeTable(ctx context.Context, name string) (*table, error) {
	p, name, err := parseTableName(aws.CallFrom(ctx), name)
	if err != nil {
		return nil, err
	}
	if t := b.tables.find(p, name); t != nil {
		return t, nil
	}
	return nil, aws.Errorf("TableNotFoundException", "Table not found: %s", name)
}

func (d *definition) continuousBackups(now time.Time) *ContinuousBackupsDescription {
	p := &PointInTimeRecoveryDescription{PointInTimeRecoveryStatus: ptr(PointInTimeRecoveryStatusDisabled)}
	if d.PITR != nil && d.PITR.Enabled {
		earliest := now.AddDate(0, 0, -int(d.PITR.Days))
		if earliest.Before(d.PITR.Since) {
			earliest = d.PITR.Since
		}
		p = &PointInTimeRecoveryDescription{
			PointInTimeRecoveryStatus: ptr(PointInTimeRecoveryStatusEnabled), RecoveryPeriodInDays: &d.PITR.Days,
			EarliestRestorableDateTime: &earliest, LatestRestorableDateTime: &now,
		}
	}
	return &ContinuousBackupsDescription{ContinuousBackupsStatus: ContinuousBackupsStatusEnabled, PointInTimeRecoveryDescription: p}
}

// insightsTable finds the table and checks the index of a call on contributor insights.
func (b *Backend) insightsTable(ctx context.Context, name string, index *string) (*table, error) {
	t, err := b.tableNamed(aws.CallFrom(ctx), name)
	if err != nil {
		return nil, err
	}
	if index != nil && t.def.Load().global(*index) == nil {
		return nil, aws.Errorf("ResourceNotFoundException", "Requested resource not found: Index: %s not found", *index)
	}
	return t, nil
}

func (b *Backend) updateContributorInsights(ctx context.Context, in *UpdateContributorInsightsInput) (*UpdateContributorInsightsOutput, error) {
	t, err := b.insightsTable(ctx, in.TableName, in.IndexName)
	if err != nil {
		return nil, err
	}
	enabled := in.ContributorInsightsAction == ContributorInsightsActionEnable
	state := insightsDefinition{Enabled: enabled, Mode: deref(in.ContributorInsightsMode), Changed: b.now()}
	if state.Mode == "" {
		state.Mode = ContributorInsightsModeAccessedAndThrottledKeys
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	err = b.change(t, func(d *definition) {
		d.Insights = maps.Clone(d.Insights)
		if d.Insights == nil {
			d.Insights = make(map[string]insightsDefinition)
		}
		d.Insights[deref(in.IndexName)] = state
	})
	out := &UpdateContributorInsightsOutput{TableName: &t.name, IndexName: in.IndexName, ContributorInsightsStatus: ptr(ContributorInsightsStatusDisabling)}
	if enabled {
		out.ContributorInsightsStatus, out.ContributorInsightsMode = ptr(ContributorInsightsStatusEnabling), &state.Mode
	}
	return out, err
}

func (i insightsDefinition) status() *string {
	if i.Enabled {
		return ptr(ContributorInsightsStatusEnabled)
	}
	return ptr(ContributorInsightsStatusDisabled)
}

func (b *Backend) describeContributorInsights(ctx context.Context, in *DescribeContributorInsightsInput) (*DescribeContributorInsightsOutput, error) {
	t, err := b.insightsTable(ctx, in.TableName, in.IndexName)
	if err != nil {
		return nil, err
	}
	state := t.def.Load().Insights[deref(in.IndexName)]
	out := &DescribeContributorInsightsOutput{TableName: &t.name, IndexName: in.IndexName, ContributorInsightsStatus: state.status()}
	if !state.Changed.IsZero() {
		out.LastUpdateDateTime = &state.Changed
	}
	if state.Enabled {
		out.ContributorInsightsMode = &state.Mode
		out.ContributorInsightsRuleList = insightRules(t, deref(in.IndexName), state.Mode)
	}
	return out, nil
}

// insightRules are the names of the CloudWatch rules that AWS makes.
func insightRules(t *table, index, mode string) []string {
	kinds := []string{"PKT", "SKT"}
	if mode == ContributorInsightsModeAccessedAndThrottledKeys {
		kinds = []string{"PKC", "PKT", "SKC", "SKT"}
	}
	keys := t.keys
	name := t.name
	if x := t.indexNamed(index); x != nil {
		keys, name = x.Keys, t.name+"-"+index
	}
	var rules []string
	for _, kind := range kinds {
		if kind[0] == 'P' || len(keys.Range) > 0 {
			rules = append(rules, "DynamoDBContributorInsights-"+kind+"-"+name+"-"+t.def.Load().UUID)
		}
	}
	return rules
}

func (b *Backend) listContributorInsights(ctx context.Context, in *ListContributorInsightsInput) (*ListContributorInsightsOutput, error) {
	call := aws.CallFrom(ctx)
	var tables []*table
	if in.TableName != nil {
		t, err := b.tableNamed(call, *in.TableName)
		if err != nil {
			return nil, err
		}
		tables = []*table{t}
	} else {
		for _, t := range b.tables.all() {
			if t.place == placeOf(call) {
				tables = append(tables, t)
			}
		}
	}
	var list []ContributorInsightsSummary
	for _, t := range tables {
		insights := t.def.Load().Insights
		for _, index := range slices.Sorted(maps.Keys(insights)) {
			state := insights[index]
			summary := ContributorInsightsSummary{TableName: &t.name, ContributorInsightsStatus: state.status(), ContributorInsightsMode: &state.Mode}
			if index != "" {
				summary.IndexName = &index
			}
			list = append(list, summary)
		}
	}
	slices.SortStableFunc(list, func(a, c ContributorInsightsSummary) int { return strings.Compare(*a.TableName, *c.TableName) })
	return pageOfInsights(list, in), nil
}

func pageOfInsights(list []ContributorInsightsSummary, in *ListContributorInsightsInput) *ListContributorInsightsOutput {
	place := func(s ContributorInsightsSummary) string { return *s.TableName + "/" + deref(s.IndexName) }
	if start := deref(in.NextToken); start != "" {
		list = slices.DeleteFunc(list, func(s ContributorInsightsSummary) bool { return place(s) <= start })
	}
	out := &ListContributorInsightsOutput{ContributorInsightsSummaries: list}
	if in.MaxResults != nil && len(list) > int(*in.MaxResults) && *in.MaxResults > 0 {
		out.ContributorInsightsSummaries = list[:*in.MaxResults]
		out.NextToken = ptr(place(list[*in.MaxResults-1]))
	}
	if out.ContributorInsightsSummaries == nil {
		out.ContributorInsightsSummaries = []ContributorInsightsSummary{}
	}
	return out
}
