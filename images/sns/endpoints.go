package sns

import (
	"context"
	"maps"
	"strconv"
	"strings"

	"localcloud/gateway/aws"
)

// maxUserData is how many bytes CustomUserData can have.
const maxUserData = 2048

func checkEndpointAttributes(attributes map[string]string) *aws.Error {
	for _, name := range sortedKeys(attributes) {
		value := attributes[name]
		switch name {
		case "CustomUserData":
			if len(value) > maxUserData {
				return invalid("Attributes Reason: Invalid value for attribute: CustomUserData: must be at most 2048 bytes long in UTF-8 encoding")
			}
		case "Enabled":
			if lower := strings.ToLower(value); lower != "true" && lower != "false" {
				return invalid("Attributes Reason: Invalid value for attribute: Enabled: must be true or false")
			}
		case "Token":
			if value == "" {
				return invalid("Attributes Reason: Invalid value for attribute: Token: cannot be empty")
			}
		default:
			return invalid("Attributes Reason: Invalid attribute name: %s", name)
		}
	}
	return nil
}

func (b *Backend) createPlatformEndpoint(ctx context.Context, in *CreatePlatformEndpointInput) (*CreatePlatformEndpointOutput, error) {
	wanted := maps.Clone(in.Attributes)
	if wanted == nil {
		wanted = make(map[string]string)
	}
	if in.CustomUserData != nil {
		wanted["CustomUserData"] = *in.CustomUserData
	}
	if err := checkEndpointAttributes(wanted); err != nil {
		return nil, err
	}
	out := &CreatePlatformEndpointOutput{}
	return out, b.update(func() error {
		app, err := b.applicationOf(ctx, in.PlatformApplicationArn)
		if err != nil {
			return err
		}
		if in.Token == "" {
			return invalid("Token Reason: cannot be empty")
		}
		wanted["Token"] = in.Token
		if wanted["Enabled"] == "" {
			wanted["Enabled"] = "true"
		}
		if old := app.byToken[in.Token]; old != nil {
			if !maps.Equal(old.Attributes, wanted) {
				return invalid("Token Reason: Endpoint %s already exists with the same Token, but different attributes.", old.ARN)
			}
			out.EndpointArn = &old.ARN
			return nil
		}
		a, _ := parseARN("", app.ARN)
		e := &endpoint{
			Number: b.state.number + 1, ApplicationARN: app.ARN, Attributes: wanted,
			ARN: a.place.arn("endpoint/" + strings.TrimPrefix(a.resource, "app/") + "/" + newUUID()),
		}
		b.state.putEndpoint(e)
		b.record(change{Endpoint: e})
		out.EndpointArn = &e.ARN
		return nil
	})
}

// endpointOf returns the endpoint of an ARN. The lock is held.
func (b *Backend) endpointOf(ctx context.Context, text string) (*endpoint, *aws.Error) {
	a, err := own(ctx, "EndpointArn", text)
	if err != nil {
		return nil, err
	}
	if strings.Count(a.resource, "/") != 3 || !strings.HasPrefix(a.resource, "endpoint/") {
		return nil, invalid("EndpointArn Reason: Wrong number of slashes in relative portion of the ARN.")
	}
	e := b.state.endpoints[text]
	if e == nil || a.Account != aws.CallFrom(ctx).Account {
		return nil, notFound("Endpoint")
	}
	return e, nil
}

func (b *Backend) getEndpointAttributes(ctx context.Context, in *GetEndpointAttributesInput) (*GetEndpointAttributesOutput, error) {
	out := &GetEndpointAttributesOutput{}
	return out, b.view(func() error {
		e, err := b.endpointOf(ctx, in.EndpointArn)
		if err != nil {
			return err
		}
		out.Attributes = maps.Clone(e.Attributes)
		return nil
	})
}

func (b *Backend) setEndpointAttributes(ctx context.Context, in *SetEndpointAttributesInput) (*SetEndpointAttributesOutput, error) {
	return &SetEndpointAttributesOutput{}, b.update(func() error {
		e, err := b.endpointOf(ctx, in.EndpointArn)
		if err != nil {
			return err
		}
		if err := checkEndpointAttributes(in.Attributes); err != nil {
			return err
		}
		next := *e
		next.Attributes = changed(e.Attributes, in.Attributes)
		b.state.putEndpoint(&next)
		b.record(change{Endpoint: &next})
		return nil
	})
}

func (b *Backend) deleteEndpoint(ctx context.Context, in *DeleteEndpointInput) (*DeleteEndpointOutput, error) {
	return &DeleteEndpointOutput{}, b.update(func() error {
		e, err := b.endpointOf(ctx, in.EndpointArn)
		switch {
		case err != nil && err.Code == "NotFound":
			return nil
		case err != nil:
			return err
		}
		b.state.dropEndpoint(e.ARN)
		b.record(change{EndpointGone: e.ARN})
		return nil
	})
}

func (b *Backend) listEndpointsByPlatformApplication(ctx context.Context, in *ListEndpointsByPlatformApplicationInput) (*ListEndpointsByPlatformApplicationOutput, error) {
	after, refusal := pageAfterNumber(in.NextToken)
	if refusal != nil {
		return nil, refusal
	}
	out := &ListEndpointsByPlatformApplicationOutput{Endpoints: []Endpoint{}}
	return out, b.view(func() error {
		app, err := b.applicationOf(ctx, in.PlatformApplicationArn)
		if err != nil {
			return err
		}
		last := uint64(0)
		app.endpoints.Ascend(after+1, func(number uint64, e *endpoint) bool {
			if len(out.Endpoints) == pageSize {
				out.NextToken = pageToken(strconv.FormatUint(last, 10))
				return false
			}
			last = number
			out.Endpoints = append(out.Endpoints, Endpoint{EndpointArn: &e.ARN, Attributes: maps.Clone(e.Attributes)})
			return true
		})
		return nil
	})
}
