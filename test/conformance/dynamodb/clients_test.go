package dynamodb_test

import (
	"context"
	"errors"
	"os/exec"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// TestBoto3 runs testdata/boto.py: boto3's client, its resource and its conditions.
func TestBoto3(t *testing.T) {
	python(t, "boto3", "testdata/boto.py")
}

// TestPynamoDB runs testdata/pynamo.py where PynamoDB is installed.
func TestPynamoDB(t *testing.T) {
	python(t, "pynamodb", "testdata/pynamo.py")
}

func python(t *testing.T, module, script string) {
	t.Helper()
	if err := exec.Command("python3", "-c", "import "+module).Run(); err != nil {
		t.Skip("python3 with " + module + " is not installed")
	}
	if out, err := exec.Command("python3", script, start(t)).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

type order struct {
	Customer string            `dynamodbav:"customer"`
	Number   int               `dynamodbav:"number"`
	Total    float64           `dynamodbav:"total"`
	Tags     []string          `dynamodbav:"tags,stringset"`
	Lines    []map[string]any  `dynamodbav:"lines"`
	Notes    map[string]string `dynamodbav:"notes"`
	Raw      []byte            `dynamodbav:"raw"`
}

// TestGoSDK uses the AWS SDK for Go with its expression and attributevalue packages.
func TestGoSDK(t *testing.T) {
	endpoint := start(t)
	c := dynamodb.New(dynamodb.Options{BaseEndpoint: &endpoint, Region: "us-east-1",
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		})})
	table := aws.String("orders")
	_, err := c.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName: table, BillingMode: types.BillingModePayPerRequest,
		KeySchema: []types.KeySchemaElement{{AttributeName: aws.String("customer"), KeyType: types.KeyTypeHash}, {AttributeName: aws.String("number"), KeyType: types.KeyTypeRange}},
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("customer"), AttributeType: types.ScalarAttributeTypeS},
			{AttributeName: aws.String("number"), AttributeType: types.ScalarAttributeTypeN}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 25 {
		item, err := attributevalue.MarshalMap(order{Customer: "ann", Number: i, Total: float64(i) / 4, Tags: []string{"b", "a"},
			Lines: []map[string]any{{"sku": "x", "n": i}}, Notes: map[string]string{"k": "v"}, Raw: []byte{0, 1, 255}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: table, Item: item}); err != nil {
			t.Fatal(err)
		}
	}
	e, err := expression.NewBuilder().
		WithKeyCondition(expression.Key("customer").Equal(expression.Value("ann")).And(expression.Key("number").Between(expression.Value(5), expression.Value(20)))).
		WithFilter(expression.Name("total").GreaterThan(expression.Value(2)).And(expression.Contains(expression.Name("tags"), "a"))).
		WithProjection(expression.NamesList(expression.Name("number"), expression.Name("lines[0].n"), expression.Name("tags"))).Build()
	if err != nil {
		t.Fatal(err)
	}
	pages := dynamodb.NewQueryPaginator(c, &dynamodb.QueryInput{TableName: table, Limit: aws.Int32(4), KeyConditionExpression: e.KeyCondition(),
		FilterExpression: e.Filter(), ProjectionExpression: e.Projection(), ExpressionAttributeNames: e.Names(), ExpressionAttributeValues: e.Values()})
	var orders []order
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var list []order
		if err := attributevalue.UnmarshalListOfMaps(page.Items, &list); err != nil {
			t.Fatal(err)
		}
		orders = append(orders, list...)
	}
	if len(orders) != 12 || orders[0].Number != 9 || orders[0].Lines[0]["n"] != float64(9) || len(orders[0].Tags) != 2 {
		t.Errorf("%d orders, the first %+v", len(orders), orders[0])
	}
	update, err := expression.NewBuilder().
		WithUpdate(expression.Set(expression.Name("notes.k"), expression.Value("w")).Add(expression.Name("total"), expression.Value(1)).Remove(expression.Name("raw"))).
		WithCondition(expression.AttributeExists(expression.Name("customer")).And(expression.Name("number").In(expression.Value(2), expression.Value(3)))).Build()
	if err != nil {
		t.Fatal(err)
	}
	in := &dynamodb.UpdateItemInput{TableName: table, UpdateExpression: update.Update(), ConditionExpression: update.Condition(),
		ExpressionAttributeNames: update.Names(), ExpressionAttributeValues: update.Values(), ReturnValues: types.ReturnValueAllNew,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
		Key:                                 map[string]types.AttributeValue{"customer": &types.AttributeValueMemberS{Value: "ann"}, "number": &types.AttributeValueMemberN{Value: "3"}}}
	out, err := c.UpdateItem(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	var changed order
	if err := attributevalue.UnmarshalMap(out.Attributes, &changed); err != nil || changed.Total != 1.75 || changed.Notes["k"] != "w" || changed.Raw != nil {
		t.Errorf("%+v, %v", changed, err)
	}
	in.Key["number"] = &types.AttributeValueMemberN{Value: "4"}
	_, err = c.UpdateItem(t.Context(), in)
	var failed *types.ConditionalCheckFailedException
	if !errors.As(err, &failed) || failed.Item["number"].(*types.AttributeValueMemberN).Value != "4" {
		t.Errorf("a condition that fails: %v", err)
	}
	_, err = c.TransactWriteItems(t.Context(), &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{
		{Delete: &types.Delete{TableName: table, Key: in.Key}},
		{ConditionCheck: &types.ConditionCheck{TableName: table, ConditionExpression: aws.String("attribute_not_exists(customer)"),
			Key: map[string]types.AttributeValue{"customer": &types.AttributeValueMemberS{Value: "ann"}, "number": &types.AttributeValueMemberN{Value: "5"}}}},
	}})
	var cancelled *types.TransactionCanceledException
	if !errors.As(err, &cancelled) || len(cancelled.CancellationReasons) != 2 || *cancelled.CancellationReasons[1].Code != "ConditionalCheckFailed" {
		t.Errorf("a transaction that fails: %v", err)
	}
}
