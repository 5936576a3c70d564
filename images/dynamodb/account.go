package dynamodb

import (
	"context"

	"localcloud/gateway/aws"
)

func (b *Backend) describeLimits(context.Context, *DescribeLimitsInput) (*DescribeLimitsOutput, error) {
	return &DescribeLimitsOutput{
		AccountMaxReadCapacityUnits: ptr(int64(80000)), AccountMaxWriteCapacityUnits: ptr(int64(80000)),
		TableMaxReadCapacityUnits: ptr(int64(40000)), TableMaxWriteCapacityUnits: ptr(int64(40000)),
	}, nil
}

// describeEndpoints answers with the host that the caller used, so that clients with endpoint
// discovery stay here.
func (b *Backend) describeEndpoints(ctx context.Context, _ *DescribeEndpointsInput) (*DescribeEndpointsOutput, error) {
	call := aws.CallFrom(ctx)
	address := call.Host
	if address == "" {
		address = "dynamodb." + call.Region + ".amazonaws.com"
	}
	return &DescribeEndpointsOutput{Endpoints: []Endpoint{{Address: address, CachePeriodInMinutes: 1440}}}, nil
}
