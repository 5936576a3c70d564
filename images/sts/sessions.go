package sts

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"encoding/base64"
	"strconv"
	"strings"
	"sync"
	"time"

	"localcloud/gateway/aws"
	"localcloud/internal/clock"
)

// Durations of sessions in seconds ("AssumeRole", "GetSessionToken" and "GetFederationToken" in the STS
// API reference; the model has their bounds).
const (
	roleDuration  = 3600
	tokenDuration = 43200
)

// maxSessions is how many sessions are remembered; the oldest are forgotten first, and their keys then
// belong to the root of their account.
const maxSessions = 100_000

// sessions is who the temporary keys belong to.
type sessions struct {
	clock *clock.Clock

	mu    sync.Mutex
	byKey map[string]session
	order []string // keys, oldest first
}

type session struct {
	arn     string
	expires time.Time
}

// begin makes the keys of a session of arn, which lasts for some seconds.
func (s *sessions) begin(account, arn string, seconds int32) (*Credentials, error) {
	key, err := newKey(account)
	if err != nil {
		return nil, err
	}
	var secret [30]byte
	var token [144]byte
	rand.Read(secret[:])
	rand.Read(token[:])
	expires := s.clock.Now().Add(time.Duration(seconds) * time.Second).UTC().Truncate(time.Second)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byKey == nil {
		s.byKey = make(map[string]session)
	}
	if len(s.order) == maxSessions {
		delete(s.byKey, s.order[0])
		s.order = s.order[1:]
	}
	s.byKey[key] = session{arn: arn, expires: expires}
	s.order = append(s.order, key)
	return &Credentials{
		AccessKeyId: key, SecretAccessKey: base64.StdEncoding.EncodeToString(secret[:]),
		SessionToken: base64.StdEncoding.EncodeToString(token[:]), Expiration: expires,
	}, nil
}

// principal is the ARN that a temporary key belongs to, "" for any other key. It is an error once the
// session has ended.
func (s *sessions) principal(key string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	one, ok := s.byKey[key]
	if ok && s.clock.Now().After(one.expires) {
		return "", &aws.Error{Code: "ExpiredToken", Message: "The security token included in the request is expired", Status: 403}
	}
	return one.arn, nil
}

func (s *sessions) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.byKey)
	s.order = nil
}

// newKey makes an access key that carries the number of its account, so that calls made with it are
// that account's (keyAccount reads it).
func newKey(account string) (string, error) {
	number, err := strconv.ParseInt(account, 10, 64)
	if err != nil {
		return "", err
	}
	n := number/2 + 1<<39
	carrier := base32.StdEncoding.EncodeToString([]byte{byte(n >> 32), byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})
	var random [5]byte
	rand.Read(random[:])
	rest := []byte(base32.StdEncoding.EncodeToString(random[:]))
	odd := byte('A') // a letter below or above the middle of the alphabet
	if number%2 == 1 {
		odd = 'Q'
	}
	return "LSIA" + carrier + string(odd) + string(rest[:7]), nil
}

func duration(asked *int32, usual int32) int32 {
	if asked != nil {
		return *asked
	}
	return usual
}

// refuseMFA refuses devices for a second factor: there are none.
func refuseMFA(serial, code *string) error {
	if serial != nil || code != nil {
		return aws.NotImplemented(aws.Lookup("sts"), "Devices for multi-factor authentication are not supported by the native sts backend.")
	}
	return nil
}

// assumeRole is AssumeRole. Policies are evaluated nowhere, and so neither is the one that says who
// may assume the role.
func (b *backend) assumeRole(_ context.Context, in *AssumeRoleInput) (*AssumeRoleOutput, error) {
	parts := strings.SplitN(in.RoleArn, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" || parts[2] != "iam" || len(parts[4]) != 12 || !strings.HasPrefix(parts[5], "role/") {
		return nil, &aws.Error{Code: "ValidationError", Message: in.RoleArn + " is invalid", Status: 400}
	}
	if err := refuseMFA(in.SerialNumber, in.TokenCode); err != nil {
		return nil, err
	}
	name := parts[5][strings.LastIndexByte(parts[5], '/')+1:]
	arn := "arn:" + parts[1] + ":sts::" + parts[4] + ":assumed-role/" + name + "/" + in.RoleSessionName
	credentials, err := b.sessions.begin(parts[4], arn, duration(in.DurationSeconds, roleDuration))
	if err != nil {
		return nil, &aws.Error{Code: "ValidationError", Message: in.RoleArn + " is invalid", Status: 400}
	}
	return &AssumeRoleOutput{
		Credentials:     credentials,
		AssumedRoleUser: &AssumedRoleUser{Arn: arn, AssumedRoleId: userID(arn, parts[4])},
		SourceIdentity:  in.SourceIdentity,
	}, nil
}

// sessionToken is GetSessionToken: keys for the caller itself.
func (b *backend) sessionToken(ctx context.Context, in *GetSessionTokenInput) (*GetSessionTokenOutput, error) {
	if err := refuseMFA(in.SerialNumber, in.TokenCode); err != nil {
		return nil, err
	}
	call := aws.CallFrom(ctx)
	arn, err := b.who(call)
	if err != nil {
		return nil, err
	}
	credentials, err := b.sessions.begin(call.Account, arn, duration(in.DurationSeconds, tokenDuration))
	return &GetSessionTokenOutput{Credentials: credentials}, err
}

// federationToken is GetFederationToken.
func (b *backend) federationToken(ctx context.Context, in *GetFederationTokenInput) (*GetFederationTokenOutput, error) {
	call := aws.CallFrom(ctx)
	arn := "arn:" + call.Partition() + ":sts::" + call.Account + ":federated-user/" + in.Name
	credentials, err := b.sessions.begin(call.Account, arn, duration(in.DurationSeconds, tokenDuration))
	return &GetFederationTokenOutput{
		Credentials: credentials, FederatedUser: &FederatedUser{Arn: arn, FederatedUserId: call.Account + ":" + in.Name},
	}, err
}
