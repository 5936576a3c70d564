package sns

import (
	"context"

	"localcloud/gateway/aws"
)

// There is no telephone network here and so no sandbox that would keep text messages from it: every
// account is out of it, and has neither numbers to verify nor numbers to send from. What would send a
// code to a telephone (CreateSMSSandboxPhoneNumber, VerifySMSSandboxPhoneNumber) is not supported.

func (b *Backend) getSMSSandboxAccountStatus(context.Context, *GetSMSSandboxAccountStatusInput) (*GetSMSSandboxAccountStatusOutput, error) {
	return &GetSMSSandboxAccountStatusOutput{IsInSandbox: false}, nil
}

func (b *Backend) listSMSSandboxPhoneNumbers(context.Context, *ListSMSSandboxPhoneNumbersInput) (*ListSMSSandboxPhoneNumbersOutput, error) {
	return &ListSMSSandboxPhoneNumbersOutput{PhoneNumbers: []SMSSandboxPhoneNumber{}}, nil
}

func (b *Backend) deleteSMSSandboxPhoneNumber(_ context.Context, in *DeleteSMSSandboxPhoneNumberInput) (*DeleteSMSSandboxPhoneNumberOutput, error) {
	if err := checkPhone(in.PhoneNumber); err != nil {
		return nil, err
	}
	return nil, &aws.Error{Code: "ResourceNotFound", Message: "The phone number is not in the sandbox.", Status: 404}
}

func (b *Backend) listOriginationNumbers(context.Context, *ListOriginationNumbersInput) (*ListOriginationNumbersOutput, error) {
	return &ListOriginationNumbersOutput{PhoneNumbers: []PhoneNumberInformation{}}, nil
}
