package dynamodb

import "localcloud/images/native"

// operations are the operations of dynamodb that are performed. Those that are not listed are
// refused with 501.
func (b *Backend) operations() []native.Operation {
	return []native.Operation{
		native.Op("CreateTable", b.createTable),
		native.Op("DescribeTable", b.describeTable),
		native.Op("UpdateTable", b.updateTable),
		native.Op("DeleteTable", b.deleteTable),
		native.Op("ListTables", b.listTables),
		native.Op("TagResource", b.tagResource),
		native.Op("UntagResource", b.untagResource),
		native.Op("ListTagsOfResource", b.listTags),
		native.Op("PutResourcePolicy", b.putResourcePolicy),
		native.Op("GetResourcePolicy", b.getResourcePolicy),
		native.Op("DeleteResourcePolicy", b.deleteResourcePolicy),
		native.Op("DescribeLimits", b.describeLimits),
		native.Op("DescribeEndpoints", b.describeEndpoints),

		native.Op("GetItem", b.getItem),
		native.Op("PutItem", b.putItem),
		native.Op("UpdateItem", b.updateItem),
		native.Op("DeleteItem", b.deleteItem),
		native.Op("Query", b.query),
		native.Op("Scan", b.scan),
		native.Op("BatchGetItem", b.batchGetItem),
		native.Op("BatchWriteItem", b.batchWriteItem),
		native.Op("TransactGetItems", b.transactGetItems),
		native.Op("TransactWriteItems", b.transactWriteItems),

		native.Op("ExecuteStatement", b.executeStatement),
		native.Op("BatchExecuteStatement", b.batchExecuteStatement),
		native.Op("ExecuteTransaction", b.executeTransaction),

		native.Op("UpdateTimeToLive", b.updateTimeToLive),
		native.Op("DescribeTimeToLive", b.describeTimeToLive),
		native.Op("UpdateContinuousBackups", b.updateContinuousBackups),
		native.Op("DescribeContinuousBackups", b.describeContinuousBackups),
		native.Op("UpdateContributorInsights", b.updateContributorInsights),
		native.Op("DescribeContributorInsights", b.describeContributorInsights),
		native.Op("ListContributorInsights", b.listContributorInsights),

		native.Op("CreateBackup", b.createBackup),
		native.Op("DescribeBackup", b.describeBackup),
		native.Op("DeleteBackup", b.deleteBackup),
		native.Op("ListBackups", b.listBackups),
		native.Op("RestoreTableFromBackup", b.restoreTableFromBackup),
	}
}

// streamOperations are the operations of dynamodbstreams.
func (b *Backend) streamOperations() []native.Operation {
	return []native.Operation{
		native.Op("ListStreams", b.listStreams),
		native.Op("DescribeStream", b.describeStream),
		native.Op("GetShardIterator", b.getShardIterator),
		native.Op("GetRecords", b.getRecords),
	}
}
