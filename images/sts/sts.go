// Package sts is the native backend of the Security Token Service: it tells callers who they are, and
// gives them temporary keys, which it knows again. Tokens of other identity providers, which nobody
// here could check, are refused.
package sts

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"log/slog"
	"strings"

	"localcloud/gateway/aws"
	"localcloud/images"
	"localcloud/images/native"
	"localcloud/internal/clock"
)

// Image is the catalog's entry of this backend.
func Image() *images.Image {
	return &images.Image{Name: "sts", Services: []string{"sts"}, New: New}
}

// backend is a running STS; its sessions end with it.
type backend struct {
	*native.Server
	sessions sessions
}

// Close does nothing.
func (*backend) Close() error { return nil }

// Reset forgets all sessions.
func (b *backend) Reset() error {
	b.sessions.reset()
	return nil
}

var _ images.Resetter = (*backend)(nil)

// New makes the backend.
func New(env images.Env) (images.Native, error) {
	log := env.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	b := &backend{sessions: sessions{clock: env.Clock}}
	if b.sessions.clock == nil {
		b.sessions.clock = new(clock.Clock)
	}
	b.Server = native.NewServer(aws.Lookup("sts"), []native.Operation{
		native.Op("AssumeRole", b.assumeRole),
		native.Op("GetAccessKeyInfo", accessKeyInfo),
		native.Op("GetCallerIdentity", b.callerIdentity),
		native.Op("GetFederationToken", b.federationToken),
		native.Op("GetSessionToken", b.sessionToken),
	}, native.Log(log))
	return b, nil
}

// callerIdentity is GetCallerIdentity.
func (b *backend) callerIdentity(ctx context.Context, _ *GetCallerIdentityInput) (*GetCallerIdentityOutput, error) {
	call := aws.CallFrom(ctx)
	arn, err := b.who(call)
	if err != nil {
		return nil, err
	}
	id := userID(arn, call.Account)
	return &GetCallerIdentityOutput{UserId: &id, Account: &call.Account, Arn: &arn}, nil
}

// who is the ARN of a caller: of the session that its key belongs to, else what the gateway knows.
func (b *backend) who(call *aws.Call) (string, error) {
	arn, err := b.sessions.principal(call.AccessKey)
	switch {
	case err != nil || arn != "":
		return arn, err
	case strings.HasPrefix(call.Principal, "arn:"):
		return call.Principal, nil
	}
	return "arn:" + call.Partition() + ":iam::" + call.Account + ":root", nil // anonymous, or a service
}

// userID is the unique id of a principal: the account's for its root, else one that is made of the
// ARN in AWS's form ("AIDA..." for users, "AROA...:session" for assumed roles).
func userID(arn, account string) string {
	resource := arn[strings.LastIndexByte(arn, ':')+1:]
	kind, name, _ := strings.Cut(resource, "/")
	switch kind {
	case "user":
		return "AIDA" + unique(arn)
	case "assumed-role":
		role, session, _ := strings.Cut(name, "/")
		return "AROA" + unique(account+"/"+role) + ":" + session
	case "role":
		return "AROA" + unique(account+"/"+name)
	case "federated-user":
		return account + ":" + name
	}
	return account
}

func unique(of string) string {
	sum := sha256.Sum256([]byte(of))
	return base32.StdEncoding.EncodeToString(sum[:])[:17]
}

// accessKeyInfo is GetAccessKeyInfo: a key carries the number of its account, or is one.
func accessKeyInfo(_ context.Context, in *GetAccessKeyInfoInput) (*GetAccessKeyInfoOutput, error) {
	account := keyAccount(in.AccessKeyId)
	return &GetAccessKeyInfoOutput{Account: &account}, nil
}
