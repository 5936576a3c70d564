package sns

import (
	"context"
	"maps"
	"regexp"
	"slices"
	"strconv"

	"localcloud/gateway/aws"
)

// smsAttributes are the settings of text messages.
var smsAttributes = []string{
	"MonthlySpendLimit", "DeliveryStatusIAMRole", "DeliveryStatusSuccessSamplingRate",
	"DefaultSenderID", "DefaultSMSType", "UsageReportS3Bucket",
}

var (
	senderID     = regexp.MustCompile(`^[A-Za-z0-9]{1,11}$`)
	senderLetter = regexp.MustCompile(`[A-Za-z]`)
)

func checkSMSAttribute(name, value string) *aws.Error {
	switch name {
	case "DefaultSenderID":
		if !senderID.MatchString(value) || !senderLetter.MatchString(value) {
			return refused("DefaultSendID is not a valid attribute") // spelled so by AWS
		}
	case "DefaultSMSType":
		if value != "Promotional" && value != "Transactional" {
			return refused("DefaultSMSType is invalid")
		}
	case "MonthlySpendLimit", "DeliveryStatusSuccessSamplingRate":
		n, err := strconv.Atoi(value)
		if err != nil || n < 0 || name == "DeliveryStatusSuccessSamplingRate" && n > 100 {
			return refused("%s is invalid", name)
		}
	default:
		if !slices.Contains(smsAttributes, name) {
			return refused("%s is not a valid attribute", name)
		}
	}
	return nil
}

func (b *Backend) setSMSAttributes(ctx context.Context, in *SetSMSAttributesInput) (*SetSMSAttributesOutput, error) {
	for _, name := range sortedKeys(in.Attributes) {
		if err := checkSMSAttribute(name, in.Attributes[name]); err != nil {
			return nil, err
		}
	}
	at := here(ctx)
	return &SetSMSAttributesOutput{}, b.update(func() error {
		r := b.state.at(at)
		r.sms = changed(r.sms, in.Attributes)
		b.record(change{Place: at, SMS: r.sms})
		return nil
	})
}

func (b *Backend) getSMSAttributes(ctx context.Context, in *GetSMSAttributesInput) (*GetSMSAttributesOutput, error) {
	out := &GetSMSAttributesOutput{Attributes: map[string]string{"MonthlySpendLimit": "1"}}
	return out, b.view(func() error {
		maps.Copy(out.Attributes, b.state.seen(here(ctx)).sms)
		if len(in.Attributes) > 0 {
			maps.DeleteFunc(out.Attributes, func(name, _ string) bool { return !slices.Contains(in.Attributes, name) })
		}
		return nil
	})
}

var optOutNumber = regexp.MustCompile(`^\+?[0-9]{5,15}$`)

func checkPhone(number string) *aws.Error {
	if !optOutNumber.MatchString(number) {
		return invalid("PhoneNumber Reason: input incorrectly formatted")
	}
	return nil
}

func (b *Backend) checkIfPhoneNumberIsOptedOut(ctx context.Context, in *CheckIfPhoneNumberIsOptedOutInput) (*CheckIfPhoneNumberIsOptedOutOutput, error) {
	if err := checkPhone(in.PhoneNumber); err != nil {
		return nil, err
	}
	out := &CheckIfPhoneNumberIsOptedOutOutput{}
	return out, b.view(func() error {
		out.IsOptedOut = ptr(b.state.seen(here(ctx)).optedOut.Contains(in.PhoneNumber))
		return nil
	})
}

func (b *Backend) listPhoneNumbersOptedOut(ctx context.Context, in *ListPhoneNumbersOptedOutInput) (*ListPhoneNumbersOptedOutOutput, error) {
	after, refusal := pageAfter(in.NextToken)
	if refusal != nil {
		return nil, refusal
	}
	out := &ListPhoneNumbersOptedOutOutput{PhoneNumbers: []string{}}
	return out, b.view(func() error {
		b.state.seen(here(ctx)).optedOut.Ascend(after, func(number string) bool {
			switch {
			case number == after:
				return true
			case len(out.PhoneNumbers) == pageSize:
				out.NextToken = pageToken(out.PhoneNumbers[pageSize-1])
				return false
			}
			out.PhoneNumbers = append(out.PhoneNumbers, number)
			return true
		})
		return nil
	})
}

func (b *Backend) optInPhoneNumber(ctx context.Context, in *OptInPhoneNumberInput) (*OptInPhoneNumberOutput, error) {
	if err := checkPhone(in.PhoneNumber); err != nil {
		return nil, err
	}
	return &OptInPhoneNumberOutput{}, b.setOptOut(here(ctx), in.PhoneNumber, false)
}

// setOptOut puts a phone number on the list of those that get no messages, or takes it off.
func (b *Backend) setOptOut(at place, number string, out bool) error {
	return b.update(func() error {
		b.state.setOptOut(at, number, out)
		b.record(change{Place: at, Number: number, OptedOut: out})
		return nil
	})
}

func (s *state) setOptOut(at place, number string, out bool) {
	if out {
		s.at(at).optedOut.Insert(number)
	} else {
		s.at(at).optedOut.Delete(number)
	}
}
