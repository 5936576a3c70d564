package sns

import (
	"context"
	"maps"
	"regexp"
	"slices"
	"strings"

	"localcloud/gateway/aws"
)

// platforms are the push services, and whether each needs a principal beside its credential.
var platforms = map[string]bool{
	"ADM": true, "APNS": true, "APNS_SANDBOX": true, "APNS_VOIP": true, "APNS_VOIP_SANDBOX": true,
	"MACOS": true, "MACOS_SANDBOX": true, "BAIDU": true, "GCM": false, "MPNS": true, "WNS": true,
}

// applicationAttributes are the attributes of platform applications; the first ones are never shown.
var (
	secretAttributes      = []string{"PlatformCredential", "PlatformPrincipal"}
	applicationAttributes = append([]string{
		"EventEndpointCreated", "EventEndpointDeleted", "EventEndpointUpdated", "EventDeliveryFailure",
		"SuccessFeedbackRoleArn", "FailureFeedbackRoleArn", "SuccessFeedbackSampleRate", "Enabled",
		"ApplePlatformTeamID", "ApplePlatformBundleID", "AppleCertificateExpiryDate",
	}, secretAttributes...)
)

var applicationName = regexp.MustCompile(`^[a-zA-Z0-9_.-]+$`)

func checkApplicationName(name string) *aws.Error {
	switch {
	case name == "":
		return invalid("%s Reason: cannot be empty", name)
	case len(name) > 256:
		return invalid("%s Reason: must be at most 256 characters long", name)
	case !applicationName.MatchString(name):
		return invalid("%s Reason: must contain only characters 'a'-'z', 'A'-'Z', '0'-'9', '_', '-', and '.'", name)
	}
	return nil
}

func (b *Backend) createPlatformApplication(ctx context.Context, in *CreatePlatformApplicationInput) (*CreatePlatformApplicationOutput, error) {
	if err := checkApplicationName(in.Name); err != nil {
		return nil, err
	}
	needsPrincipal, known := platforms[in.Platform]
	if !known {
		return nil, invalid("Platform Reason: %s is not supported", in.Platform)
	}
	_, credential := in.Attributes["PlatformCredential"]
	_, principal := in.Attributes["PlatformPrincipal"]
	switch {
	case principal && !credential:
		return nil, invalid("Attributes Reason: PlatformPrincipal attribute provided without PlatformCredential")
	case credential && !principal && needsPrincipal:
		return nil, invalid("Attributes Reason: PlatformCredential attribute provided without PlatformPrincipal")
	case !credential:
		return nil, invalid("PlatformCredential Reason: cannot be empty")
	}
	if err := checkApplicationAttributes(in.Attributes); err != nil {
		return nil, err
	}
	app := &application{ARN: here(ctx).arn("app/" + in.Platform + "/" + in.Name)}
	app.Attributes = changed(map[string]string{"Enabled": "true"}, in.Attributes)
	return &CreatePlatformApplicationOutput{PlatformApplicationArn: &app.ARN}, b.update(func() error {
		b.state.putApplication(app)
		b.record(change{Application: app})
		return nil
	})
}

func checkApplicationAttributes(attributes map[string]string) *aws.Error {
	for _, name := range sortedKeys(attributes) {
		if !slices.Contains(applicationAttributes, name) {
			return invalid("Attributes Reason: Invalid attribute name: %s", name)
		}
	}
	return nil
}

// applicationOf returns the platform application of an ARN. The lock is held.
func (b *Backend) applicationOf(ctx context.Context, text string) (*application, *aws.Error) {
	a, err := own(ctx, "PlatformApplicationArn", text)
	if err != nil {
		return nil, err
	}
	if strings.Count(a.resource, "/") != 2 || !strings.HasPrefix(a.resource, "app/") {
		return nil, invalid("PlatformApplicationArn Reason: Wrong number of slashes in relative portion of the ARN.")
	}
	app := b.state.application(a)
	if app == nil || a.Account != aws.CallFrom(ctx).Account {
		return nil, notFound("PlatformApplication")
	}
	return app, nil
}

func (b *Backend) getPlatformApplicationAttributes(ctx context.Context, in *GetPlatformApplicationAttributesInput) (*GetPlatformApplicationAttributesOutput, error) {
	out := &GetPlatformApplicationAttributesOutput{}
	return out, b.view(func() error {
		app, err := b.applicationOf(ctx, in.PlatformApplicationArn)
		if err != nil {
			return err
		}
		out.Attributes = app.shown()
		return nil
	})
}

// shown are the attributes without the secret ones.
func (app *application) shown() map[string]string {
	all := maps.Clone(app.Attributes)
	for _, name := range secretAttributes {
		delete(all, name)
	}
	return all
}

func (b *Backend) setPlatformApplicationAttributes(ctx context.Context, in *SetPlatformApplicationAttributesInput) (*SetPlatformApplicationAttributesOutput, error) {
	return &SetPlatformApplicationAttributesOutput{}, b.update(func() error {
		app, err := b.applicationOf(ctx, in.PlatformApplicationArn)
		if err != nil {
			return err
		}
		if err := checkApplicationAttributes(in.Attributes); err != nil {
			return err
		}
		app.Attributes = changed(app.Attributes, in.Attributes)
		b.record(change{Application: app})
		return nil
	})
}

func (b *Backend) deletePlatformApplication(ctx context.Context, in *DeletePlatformApplicationInput) (*DeletePlatformApplicationOutput, error) {
	return &DeletePlatformApplicationOutput{}, b.update(func() error {
		app, err := b.applicationOf(ctx, in.PlatformApplicationArn)
		switch {
		case err != nil && err.Code == "NotFound":
			return nil
		case err != nil:
			return err
		}
		a, _ := parseARN("", app.ARN)
		b.state.removeApplication(a)
		b.record(change{ApplicationGone: app.ARN})
		return nil
	})
}

func (b *Backend) listPlatformApplications(ctx context.Context, in *ListPlatformApplicationsInput) (*ListPlatformApplicationsOutput, error) {
	after, refusal := pageAfter(in.NextToken)
	if refusal != nil {
		return nil, refusal
	}
	out := &ListPlatformApplicationsOutput{PlatformApplications: []PlatformApplication{}}
	return out, b.view(func() error {
		b.state.seen(here(ctx)).applications.Ascend(after, func(text string, app *application) bool {
			switch {
			case text == after:
				return true
			case len(out.PlatformApplications) == pageSize:
				out.NextToken = pageToken(*out.PlatformApplications[pageSize-1].PlatformApplicationArn)
				return false
			}
			out.PlatformApplications = append(out.PlatformApplications,
				PlatformApplication{PlatformApplicationArn: &app.ARN, Attributes: app.shown()})
			return true
		})
		return nil
	})
}
