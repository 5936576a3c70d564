package dynamodb_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// modelTable has a local index by v, and a global one by w and sk that is sparse.
const modelTable = `{"TableName":"model","BillingMode":"PAY_PER_REQUEST",
	"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"sk","KeyType":"RANGE"}],
	"AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"},{"AttributeName":"sk","AttributeType":"N"},
		{"AttributeName":"v","AttributeType":"S"},{"AttributeName":"w","AttributeType":"S"}],
	"LocalSecondaryIndexes":[{"IndexName":"byV","KeySchema":[{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"v","KeyType":"RANGE"}],"Projection":{"ProjectionType":"ALL"}}],
	"GlobalSecondaryIndexes":[{"IndexName":"byW","KeySchema":[{"AttributeName":"w","KeyType":"HASH"},{"AttributeName":"sk","KeyType":"RANGE"}],"Projection":{"ProjectionType":"ALL"}}]}`

// modelItem is an item of the model: its attributes without pk and sk, all strings but n.
type modelItem struct {
	pk   string
	sk   int
	n    int
	text map[string]string // v, w, x; absent ones are not in it
}

type modelKey struct {
	pk string
	sk int
}

func (i modelItem) json() string {
	var b strings.Builder
	fmt.Fprintf(&b, `{"n":{"N":"%d"},"pk":{"S":"%s"},"sk":{"N":"%d"}`, i.n, i.pk, i.sk)
	for _, name := range slices.Sorted(maps.Keys(i.text)) {
		fmt.Fprintf(&b, `,"%s":{"S":"%s"}`, name, i.text[name])
	}
	return b.String() + "}"
}

func (i modelItem) clone() modelItem {
	i.text = maps.Clone(i.text)
	return i
}

// model is a table as it should be, in the simplest form.
type model map[modelKey]modelItem

// query are the items that fit, ordered by less.
func (m model) query(fits func(modelItem) bool, less func(a, b modelItem) int) []modelItem {
	var list []modelItem
	for _, i := range m {
		if fits(i) {
			list = append(list, i)
		}
	}
	slices.SortFunc(list, less)
	return list
}

// program runs random operations on a backend and on a model and compares them step by step.
type program struct {
	t *testing.T
	s *server
	r *rand.Rand
	m model
}

func (p *program) key() modelKey {
	return modelKey{string(rune('A' + p.r.IntN(4))), p.r.IntN(30) - 10}
}

func (p *program) text() string { return string(rune('a' + p.r.IntN(5))) }

func (p *program) item(k modelKey) modelItem {
	i := modelItem{pk: k.pk, sk: k.sk, n: p.r.IntN(100), text: map[string]string{}}
	for _, name := range []string{"v", "w", "x"} {
		if p.r.IntN(3) > 0 {
			i.text[name] = p.text()
		}
	}
	return i
}

func (k modelKey) json() string { return fmt.Sprintf(`{"pk":{"S":"%s"},"sk":{"N":"%d"}}`, k.pk, k.sk) }

// answer is what operations on items return.
type answer struct {
	Item, Attributes map[string]map[string]any
	Items            []map[string]map[string]any
	Count            int
	LastEvaluatedKey map[string]map[string]any
}

func (p *program) do(operation, body string) answer {
	p.t.Helper()
	var a answer
	if err := json.Unmarshal([]byte(p.s.must(p.t, operation, body)), &a); err != nil {
		p.t.Fatal(err)
	}
	return a
}

func shown(item map[string]map[string]any) string {
	text, _ := json.Marshal(item)
	return string(text)
}

func (p *program) same(what string, got map[string]map[string]any, want modelItem, exists bool) {
	p.t.Helper()
	text := "null"
	if exists {
		text = shownModel(want)
	}
	if shown(got) != text {
		p.t.Fatalf("%s: got %s, want %s", what, shown(got), text)
	}
}

// shownModel writes an item as encoding/json writes the decoded answer.
func shownModel(i modelItem) string {
	var item map[string]map[string]any
	if err := json.Unmarshal([]byte(i.json()), &item); err != nil {
		panic(err)
	}
	return shown(item)
}

func (p *program) step() {
	k := p.key()
	old, exists := p.m[k]
	switch p.r.IntN(12) {
	case 0, 1, 2:
		i := p.item(k)
		a := p.do("PutItem", `{"TableName":"model","Item":`+i.json()+`,"ReturnValues":"ALL_OLD"}`)
		p.same("put", a.Attributes, old, exists)
		p.m[k] = i
	case 3:
		p.update(k, old, exists)
	case 4:
		p.increment(k, old, exists)
	case 5:
		a := p.do("DeleteItem", `{"TableName":"model","Key":`+k.json()+`,"ReturnValues":"ALL_OLD"}`)
		p.same("delete", a.Attributes, old, exists)
		delete(p.m, k)
	case 6:
		a := p.do("GetItem", `{"TableName":"model","Key":`+k.json()+`}`)
		p.same("get", a.Item, old, exists)
	case 7:
		p.queryRange()
	case 8:
		p.queryIndex("byV", "pk", string(rune('A'+p.r.IntN(4))), func(i modelItem) bool { _, ok := i.text["v"]; return ok })
	case 9:
		p.queryIndex("byW", "w", p.text(), func(modelItem) bool { return true })
	case 10:
		p.scan()
	case 11:
		p.transact()
	}
}

// update sets one attribute to another or removes it.
func (p *program) update(k modelKey, old modelItem, exists bool) {
	i := old.clone()
	if !exists {
		i = modelItem{pk: k.pk, sk: k.sk, text: map[string]string{}}
	}
	name := []string{"v", "w", "x"}[p.r.IntN(3)]
	value := p.text()
	i.text[name] = value
	i.n = 7
	body := fmt.Sprintf(`{"TableName":"model","Key":%s,"UpdateExpression":"SET #a = :v, n = :n","ExpressionAttributeNames":{"#a":"%s"},
		"ExpressionAttributeValues":{":v":{"S":"%s"},":n":{"N":"7"}},"ReturnValues":"ALL_NEW"}`, k.json(), name, value)
	if p.r.IntN(3) == 0 {
		delete(i.text, name)
		body = fmt.Sprintf(`{"TableName":"model","Key":%s,"UpdateExpression":"REMOVE #a SET n = :n","ExpressionAttributeNames":{"#a":"%s"},
			"ExpressionAttributeValues":{":n":{"N":"7"}},"ReturnValues":"ALL_NEW"}`, k.json(), name)
	}
	a := p.do("UpdateItem", body)
	p.same("update", a.Attributes, i, true)
	p.m[k] = i
}

// increment is a conditional update.
func (p *program) increment(k modelKey, old modelItem, exists bool) {
	status, text := p.s.call(p.t, "UpdateItem", `{"TableName":"model","Key":`+k.json()+`,"UpdateExpression":"SET n = n + :one",
		"ConditionExpression":"attribute_exists(pk) AND n < :fifty","ExpressionAttributeValues":{":one":{"N":"1"},":fifty":{"N":"50"}}}`)
	if want := exists && old.n < 50; (status == 200) != want {
		p.t.Fatalf("increment of %v: %d %s, want success %v", old, status, text, want)
	}
	if status == 200 {
		i := old.clone()
		i.n++
		p.m[k] = i
	}
}

// pages collects all pages of a query or scan.
func (p *program) pages(operation, body string) []string {
	var list []string
	start := ""
	for {
		a := p.do(operation, strings.TrimSuffix(body, "}")+start+"}")
		for _, item := range a.Items {
			list = append(list, shown(item))
		}
		if a.LastEvaluatedKey == nil {
			return list
		}
		start = `,"ExclusiveStartKey":` + shown(a.LastEvaluatedKey)
	}
}

func (p *program) compare(what string, got []string, want []modelItem) {
	p.t.Helper()
	texts := make([]string, len(want))
	for i := range want {
		texts[i] = shownModel(want[i])
	}
	if !slices.Equal(got, texts) {
		p.t.Fatalf("%s:\n got %v\nwant %v", what, got, texts)
	}
}

func (p *program) queryRange() {
	pk, bound, forward := string(rune('A'+p.r.IntN(4))), p.r.IntN(30)-10, p.r.IntN(2) == 0
	operators := map[string]func(int) bool{
		"<": func(sk int) bool { return sk < bound }, "<=": func(sk int) bool { return sk <= bound },
		">": func(sk int) bool { return sk > bound }, ">=": func(sk int) bool { return sk >= bound }, "=": func(sk int) bool { return sk == bound },
	}
	operator := slices.Sorted(maps.Keys(operators))[p.r.IntN(len(operators))]
	got := p.pages("Query", fmt.Sprintf(`{"TableName":"model","KeyConditionExpression":"pk = :p AND sk %s :b","ScanIndexForward":%v,"Limit":%d,
		"ExpressionAttributeValues":{":p":{"S":"%s"},":b":{"N":"%d"}}}`, operator, forward, 1+p.r.IntN(5), pk, bound))
	want := p.m.query(func(i modelItem) bool { return i.pk == pk && operators[operator](i.sk) }, func(a, b modelItem) int { return a.sk - b.sk })
	if !forward {
		slices.Reverse(want)
	}
	p.compare("query "+operator+strconv.Itoa(bound), got, want)
}

// queryIndex compares what an index holds, whatever the order among equal keys is.
func (p *program) queryIndex(index, attribute, value string, has func(modelItem) bool) {
	got := p.pages("Query", fmt.Sprintf(`{"TableName":"model","IndexName":"%s","KeyConditionExpression":"%s = :v","Limit":%d,
		"ExpressionAttributeValues":{":v":{"S":"%s"}}}`, index, attribute, 1+p.r.IntN(5), value))
	want := p.m.query(func(i modelItem) bool {
		return has(i) && (attribute == "pk" && i.pk == value || attribute != "pk" && i.text[attribute] == value)
	}, func(a, b modelItem) int { return strings.Compare(shownModel(a), shownModel(b)) })
	slices.Sort(got)
	p.compare("query of "+index, got, want)
}

// scan compares a scan in parts.
func (p *program) scan() {
	total := 1 + p.r.IntN(4)
	var got []string
	for segment := range total {
		got = append(got, p.pages("Scan", fmt.Sprintf(`{"TableName":"model","Segment":%d,"TotalSegments":%d,"Limit":7}`, segment, total))...)
	}
	slices.Sort(got)
	want := p.m.query(func(modelItem) bool { return true }, func(a, b modelItem) int { return strings.Compare(shownModel(a), shownModel(b)) })
	p.compare("scan", got, want)
}

// transact puts one item and deletes another, if the first is there.
func (p *program) transact() {
	a, b := p.key(), p.key()
	if a == b {
		return
	}
	_, exists := p.m[a]
	i := p.item(a)
	status, text := p.s.call(p.t, "TransactWriteItems", fmt.Sprintf(`{"TransactItems":[
		{"Put":{"TableName":"model","Item":%s,"ConditionExpression":"attribute_exists(pk)"}},
		{"Delete":{"TableName":"model","Key":%s}}]}`, i.json(), b.json()))
	if (status == 200) != exists {
		p.t.Fatalf("transaction: %d %s, want success %v", status, text, exists)
	}
	if exists {
		p.m[a] = i
		delete(p.m, b)
	}
}

func TestAgainstModel(t *testing.T) {
	steps := 5000 // for each seed
	if testing.Short() {
		steps = 1000
	}
	for _, seed := range []uint64{1, 2} {
		p := &program{t: t, s: start(t, nil), r: rand.New(rand.NewPCG(seed, 7)), m: model{}}
		p.s.must(t, "CreateTable", modelTable)
		for range steps {
			p.step()
		}
	}
}
