package dynamodb

import (
	"encoding/json"
	"strings"
	"sync"
	"time"

	"localcloud/gateway/aws"
	"localcloud/images/dynamodb/engine"
)

// tokenLife is how long a client token makes a transaction idempotent.
const tokenLife = 10 * time.Minute

const tokenMeta = "token/"

// tokens are the client tokens of transactions of the last ten minutes.
type tokens struct {
	mu    sync.Mutex
	known map[string]*token // by key of their Meta
	order []string          // keys, oldest first
}

// token is one transaction that a token stands for.
type token struct {
	Hash string // of the transaction's content
	Till time.Time
	done bool
}

func (t *tokens) init() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.known, t.order = make(map[string]*token), nil
}

// begin takes a token: done says that its transaction has been done, else the Meta is to be stored
// with the transaction and end to be called.
func (t *tokens) begin(b *Backend, call *aws.Call, value, hash string) (done bool, meta *engine.Meta, err error) {
	key := strings.Join([]string{tokenMeta + call.Account, call.Region, value}, "/")
	now := b.now()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.expire(b, now)
	if known := t.known[key]; known != nil {
		switch {
		case known.Hash != hash:
			return false, nil, aws.Errorf("IdempotentParameterMismatchException", "The request contains a client token that was used before with other parameters")
		case !known.done:
			return false, nil, aws.Errorf("TransactionInProgressException", "The transaction with the given request token is already in progress.")
		}
		return true, nil, nil
	}
	fresh := &token{Hash: hash, Till: now.Add(tokenLife)}
	text, err := json.Marshal(fresh)
	if err != nil {
		return false, nil, err
	}
	t.known[key] = fresh
	t.order = append(t.order, key)
	return false, &engine.Meta{Key: key, Value: string(text)}, nil
}

// end tells whether the transaction was done; if not, the token is free again.
func (t *tokens) end(key string, done bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if k := t.known[key]; k != nil && done {
		k.done = true
	} else {
		delete(t.known, key)
	}
}

// expire forgets tokens whose time is over. mu is held.
func (t *tokens) expire(b *Backend, now time.Time) {
	for len(t.order) > 0 {
		key := t.order[0]
		if k := t.known[key]; k != nil {
			if now.Before(k.Till) || !k.done {
				return
			}
			delete(t.known, key)
			b.db.ForgetMeta(key)
		}
		t.order = t.order[1:]
	}
}

// restore takes a token of the log in.
func (t *tokens) restore(b *Backend, key, value string) error {
	k := &token{done: true}
	if err := json.Unmarshal([]byte(value), k); err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if k.Till.After(b.now()) {
		t.known[key] = k
		t.order = append(t.order, key)
	}
	return nil
}
