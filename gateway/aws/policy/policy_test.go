package policy

import (
	"errors"
	"testing"

	"localcloud/gateway/aws"
)

func TestAllows(t *testing.T) {
	call := &aws.Call{Account: "111111111111", Region: "us-east-1", Scheme: "http", Principal: "arn:aws:iam::111111111111:user/ann"}
	request := Request{Call: call, Action: "sns:Publish", Resource: "arn:aws:sns:us-east-1:000000000000:topic"}
	for document, want := range map[string]bool{
		`{"Statement":{"Effect":"Allow","Principal":"*","Action":"SNS:Publish","Resource":"arn:aws:sns:us-east-1:000000000000:to?ic"}}`:                                       true,
		`{"Statement":{"Effect":"Allow","Principal":{"AWS":["222222222222","111111111111"]},"Action":["SNS:Subscribe","SNS:Pub*"]}}`:                                          true,
		`{"Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:user/ann"},"NotAction":"SNS:Subscribe"}}`:                                               true,
		`{"Statement":{"Effect":"Allow","NotPrincipal":{"AWS":"111111111111"},"Action":"*"}}`:                                                                                 false,
		`{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","NotResource":"*"}}`:                                                                                     false,
		`{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Condition":{"StringEquals":{"AWS:SourceOwner":"000000000000"}}}}`:                                       false,
		`{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Condition":{"StringEquals":{"AWS:SourceOwner":["000000000000","111111111111"]}}}}`:                      true,
		`{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Condition":{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/*"}}}}`:                                  true,
		`{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Condition":{"ArnLike":{"aws:SourceArn":"*"}}}}`:                                                         false,
		`{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Condition":{"ArnLikeIfExists":{"aws:SourceArn":"x"}}}}`:                                                 true,
		`{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Condition":{"Null":{"aws:SourceArn":true}}}}`:                                                           true,
		`{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*"},{"Effect":"Deny","Principal":"*","Action":"*","Condition":{"Odd":{"odd":"x"}}}]}`:                      false,
		`{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*"},{"Effect":"Deny","Principal":"*","Action":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}`: false,
	} {
		p, err := Parse(document)
		if err != nil {
			t.Errorf("%s: %v", document, err)
			continue
		}
		if got := p.Allows(request); got != want {
			t.Errorf("%s: %v, want %v", document, got, want)
		}
	}
	var none *Policy
	if none.Allows(request) {
		t.Error("no policy allows something")
	}
}

func TestMalformed(t *testing.T) {
	for _, document := range []string{
		``, `{}`, `[]`, `null`, `{"Statement":[]}`, `{"Statement":{"Effect":"Perhaps","Principal":"*","Action":"*"}}`,
		`{"Statement":{"Effect":"Allow","Action":"*"}}`, `{"Statement":{"Effect":"Allow","Principal":"*"}}`,
		`{"Statement":{"Effect":"Allow","Principal":"ann","Action":"*"}}`, `{"Statement":{"Effect":"Allow","Principal":"*","Action":{}}}`,
	} {
		if _, err := Parse(document); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v", document, err)
		}
	}
}
