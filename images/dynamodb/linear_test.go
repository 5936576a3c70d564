package dynamodb_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
)

const (
	clients  = 32
	accounts = 8
)

const bankTable = `{"TableName":"bank","BillingMode":"PAY_PER_REQUEST","KeySchema":[{"AttributeName":"id","KeyType":"HASH"}],
	"AttributeDefinitions":[{"AttributeName":"id","AttributeType":"S"}]}`

// inParallel runs f for every client at the same time.
func inParallel(f func(client int)) {
	var wg sync.WaitGroup
	for client := range clients {
		wg.Go(func() { f(client) })
	}
	wg.Wait()
}

// number reads the attribute n of an item.
func (s *server) number(t testing.TB, id string) int {
	t.Helper()
	var out struct {
		Item struct{ N struct{ N json.Number } }
	}
	if err := json.Unmarshal([]byte(s.must(t, "GetItem", `{"TableName":"bank","ConsistentRead":true,"Key":{"id":{"S":"`+id+`"}}}`)), &out); err != nil {
		t.Fatal(err)
	}
	n, _ := out.Item.N.N.Int64()
	return int(n)
}

func TestNoLostUpdate(t *testing.T) {
	s := start(t, nil)
	s.must(t, "CreateTable", bankTable)
	const each = 100
	inParallel(func(int) {
		for range each {
			s.must(t, "UpdateItem", `{"TableName":"bank","Key":{"id":{"S":"c"}},"UpdateExpression":"ADD n :one","ExpressionAttributeValues":{":one":{"N":"1"}}}`)
		}
	})
	if got := s.number(t, "c"); got != clients*each {
		t.Errorf("%d increments of 1 make %d", clients*each, got)
	}
}

// Optimistic locking: every value of the counter is won by one client.
func TestConditionalWritesAreLinear(t *testing.T) {
	s := start(t, nil)
	s.must(t, "CreateTable", bankTable)
	s.must(t, "PutItem", `{"TableName":"bank","Item":{"id":{"S":"c"},"n":{"N":"0"}}}`)
	var mu sync.Mutex
	won := make(map[int]int)
	inParallel(func(int) {
		for range 50 {
			n := s.number(t, "c")
			status, _ := s.call(t, "PutItem", fmt.Sprintf(`{"TableName":"bank","Item":{"id":{"S":"c"},"n":{"N":"%d"}},
				"ConditionExpression":"n = :old","ExpressionAttributeValues":{":old":{"N":"%d"}}}`, n+1, n))
			if status == 200 {
				mu.Lock()
				won[n+1]++
				mu.Unlock()
			}
		}
	})
	final := s.number(t, "c")
	for n := 1; n <= final; n++ {
		if won[n] != 1 {
			t.Errorf("the value %d was written by %d clients", n, won[n])
		}
	}
	if len(won) != final {
		t.Errorf("%d writes succeeded, the counter is %d", len(won), final)
	}
}

func TestBankTransfers(t *testing.T) {
	s := start(t, nil)
	s.must(t, "CreateTable", bankTable)
	for i := range accounts {
		s.must(t, "PutItem", fmt.Sprintf(`{"TableName":"bank","Item":{"id":{"S":"%d"},"n":{"N":"100"}}}`, i))
	}
	inParallel(func(client int) {
		r := rand.New(rand.NewPCG(uint64(client), 3))
		for range 60 {
			from, to := r.IntN(accounts), r.IntN(accounts)
			if from == to {
				if sum := s.sum(t); sum != accounts*100 {
					t.Errorf("a transaction sees a sum of %d", sum)
				}
				continue
			}
			amount := 1 + r.IntN(30)
			status, text := s.call(t, "TransactWriteItems", fmt.Sprintf(`{"TransactItems":[
				{"Update":{"TableName":"bank","Key":{"id":{"S":"%d"}},"UpdateExpression":"SET n = n - :a","ConditionExpression":"n >= :a","ExpressionAttributeValues":{":a":{"N":"%d"}}}},
				{"Update":{"TableName":"bank","Key":{"id":{"S":"%d"}},"UpdateExpression":"SET n = n + :a","ExpressionAttributeValues":{":a":{"N":"%d"}}}}]}`,
				from, amount, to, amount))
			if status != 200 && !strings.Contains(text, "ConditionalCheckFailed, None") {
				t.Errorf("transfer: %d %s", status, text)
			}
		}
	})
	if sum := s.sum(t); sum != accounts*100 {
		t.Errorf("the sum is %d", sum)
	}
}

// sum reads all accounts in one transaction.
func (s *server) sum(t testing.TB) int {
	var gets []string
	for i := range accounts {
		gets = append(gets, fmt.Sprintf(`{"Get":{"TableName":"bank","Key":{"id":{"S":"%d"}}}}`, i))
	}
	var out struct {
		Responses []struct {
			Item struct{ N struct{ N json.Number } }
		}
	}
	if err := json.Unmarshal([]byte(s.must(t, "TransactGetItems", `{"TransactItems":[`+strings.Join(gets, ",")+`]}`)), &out); err != nil {
		t.Fatal(err)
	}
	sum := 0
	for _, r := range out.Responses {
		n, _ := r.Item.N.N.Int64()
		if n < 0 {
			t.Errorf("an account has %d", n)
		}
		sum += int(n)
	}
	return sum
}
