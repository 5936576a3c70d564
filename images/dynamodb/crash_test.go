package dynamodb_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"localcloud/images"
	"localcloud/images/dynamodb"
)

// crashDir is the environment variable that makes the test binary the victim of TestKill.
const crashDir = "DYNAMODB_CRASH_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(crashDir); dir != "" {
		victim(dir)
	}
	os.Exit(m.Run())
}

// victim writes until it is killed and prints the number of each round that was acknowledged: an
// item, and a transfer of 1 between two accounts by a transaction.
func victim(dir string) {
	backend, err := dynamodb.New(images.Env{Dir: dir, Persist: true})
	if err != nil {
		fmt.Println("cannot start:", err)
		os.Exit(1)
	}
	s := &server{backend: backend}
	first, _ := strconv.Atoi(os.Getenv("DYNAMODB_CRASH_FIRST"))
	do := func(operation, body string) {
		resp, err := backend.RoundTrip(request(operation, body))
		if err != nil || resp.StatusCode != 200 {
			text, _ := io.ReadAll(resp.Body)
			fmt.Println("failed:", operation, string(text))
			os.Exit(1)
		}
		resp.Body.Close()
	}
	if first == 0 {
		do("CreateTable", bankTable)
		do("PutItem", `{"TableName":"bank","Item":{"id":{"S":"a"},"n":{"N":"0"}}}`)
		do("PutItem", `{"TableName":"bank","Item":{"id":{"S":"b"},"n":{"N":"0"}}}`)
	}
	var mu sync.Mutex
	out := bufio.NewWriter(os.Stdout)
	var wg sync.WaitGroup
	for worker := range 4 {
		wg.Go(func() {
			for i := first + worker; ; i += 4 {
				do("PutItem", fmt.Sprintf(`{"TableName":"bank","Item":{"id":{"S":"item-%d"},"n":{"N":"%d"}}}`, i, i))
				do("TransactWriteItems", `{"TransactItems":[
					{"Update":{"TableName":"bank","Key":{"id":{"S":"a"}},"UpdateExpression":"ADD n :p","ExpressionAttributeValues":{":p":{"N":"1"}}}},
					{"Update":{"TableName":"bank","Key":{"id":{"S":"b"}},"UpdateExpression":"ADD n :m","ExpressionAttributeValues":{":m":{"N":"-1"}}}}]}`)
				mu.Lock()
				fmt.Fprintln(out, i)
				out.Flush()
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	_ = s
}

// After a kill -9 in the middle of a load every acknowledged write is there and no transaction is half.
func TestKill(t *testing.T) {
	rounds := 20
	if testing.Short() {
		rounds = 3
	}
	dir := t.TempDir()
	var acknowledged []int
	for round := range rounds {
		acknowledged = append(acknowledged, killOne(t, dir, round*1_000_000, time.Duration(20+7*round)*time.Millisecond)...)
		if round%5 == 4 || round == rounds-1 {
			checkSurvivors(t, dir, acknowledged)
		}
	}
	if len(acknowledged) < 10*rounds {
		t.Errorf("only %d writes were acknowledged before the kills", len(acknowledged))
	}
}

// killOne runs the victim for a moment and returns the rounds that it acknowledged.
func killOne(t *testing.T, dir string, first int, life time.Duration) []int {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run", "^$")
	cmd.Env = append(os.Environ(), crashDir+"="+dir, "DYNAMODB_CRASH_FIRST="+strconv.Itoa(first))
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	var done []int
	var kill *time.Timer
	for lines.Scan() {
		n, err := strconv.Atoi(lines.Text())
		if err != nil {
			t.Errorf("the victim says %q", lines.Text())
			break
		}
		done = append(done, n)
		if kill == nil { // it is at work
			kill = time.AfterFunc(life, func() { cmd.Process.Kill() })
		}
	}
	cmd.Process.Kill()
	cmd.Wait() // the error is the kill
	return done
}

func checkSurvivors(t *testing.T, dir string, acknowledged []int) {
	t.Helper()
	backend, err := dynamodb.New(images.Env{Dir: dir, Persist: true})
	if err != nil {
		t.Fatal(err)
	}
	defer backend.Close()
	s := &server{backend: backend}
	for _, n := range acknowledged {
		if got := s.number(t, "item-"+strconv.Itoa(n)); got != n {
			t.Fatalf("item-%d was acknowledged, after the kill it is %d", n, got)
		}
	}
	a, b := s.number(t, "a"), s.number(t, "b")
	if a+b != 0 {
		t.Errorf("a transaction is half there: a is %d, b is %d", a, b)
	}
	if a < len(acknowledged) {
		t.Errorf("%d transactions were acknowledged, %d are there", len(acknowledged), a)
	}
}

// A torn tail is dropped, and what stands before it is there.
func TestTornTail(t *testing.T) {
	dir := t.TempDir()
	open := func() *server {
		backend, err := dynamodb.New(images.Env{Dir: dir, Persist: true})
		if err != nil {
			t.Fatal(err)
		}
		return &server{backend: backend}
	}
	s := open()
	s.must(t, "CreateTable", bankTable)
	for i := range 50 {
		s.must(t, "PutItem", fmt.Sprintf(`{"TableName":"bank","Item":{"id":{"S":"%d"},"n":{"N":"%d"}}}`, i, i))
	}
	if err := s.backend.Close(); err != nil {
		t.Fatal(err)
	}
	logs, err := filepath.Glob(filepath.Join(dir, "journal", "*.log"))
	if err != nil || len(logs) == 0 {
		t.Fatalf("no log: %v", err)
	}
	last := logs[len(logs)-1]
	data, err := os.ReadFile(last)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(last, append(data[:len(data)-7], "garbage"...), 0o600); err != nil {
		t.Fatal(err)
	}
	s = open()
	defer s.backend.Close()
	for i := range 49 {
		if got := s.number(t, strconv.Itoa(i)); got != i {
			t.Errorf("item %d is %d", i, got)
		}
	}
	if text := s.must(t, "DescribeTable", `{"TableName":"bank"}`); !strings.Contains(text, `"ItemCount":49`) {
		t.Errorf("after a torn tail: %s", text)
	}
}
