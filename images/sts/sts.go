// Package sts is the native backend of the Security Token Service: it tells callers who they are.
// Keys and sessions are the gateway's; operations that would make some are refused.
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
)

// Image is the catalog's entry of this backend.
func Image() *images.Image {
	return &images.Image{Name: "sts", Services: []string{"sts"}, New: New}
}

// backend has no state.
type backend struct{ *native.Server }

// Close does nothing.
func (backend) Close() error { return nil }

// New makes the backend.
func New(env images.Env) (images.Native, error) {
	log := env.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return backend{native.NewServer(aws.Lookup("sts"), []native.Operation{
		native.Op("GetCallerIdentity", callerIdentity),
		native.Op("GetAccessKeyInfo", accessKeyInfo),
	}, native.Log(log))}, nil
}

// callerIdentity is GetCallerIdentity.
func callerIdentity(ctx context.Context, _ *GetCallerIdentityInput) (*GetCallerIdentityOutput, error) {
	call := aws.CallFrom(ctx)
	arn := call.Principal
	if !strings.HasPrefix(arn, "arn:") { // anonymous, or a service
		arn = "arn:" + call.Partition() + ":iam::" + call.Account + ":root"
	}
	id := userID(arn, call.Account)
	return &GetCallerIdentityOutput{UserId: &id, Account: &call.Account, Arn: &arn}, nil
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
