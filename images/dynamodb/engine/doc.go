// Package engine keeps the items of DynamoDB's tables in memory, ordered for queries and scans, with
// their indexes, their streams and an append log on disk.
//
// A table's items are spread over shards by the leading bits of a hash of their partition key. A
// shard is a B-tree under a lock of its own, ordered by hash, partition key and sort key, so that a
// query is a walk through one shard, a scan a walk through all of them, and writes to different items
// rarely meet. Items are immutable strings (package attr): an index holds an ordered key and the same
// string, and a reader keeps what it has found without a lock.
//
// Locks are taken in one order: shards of tables (a transaction takes all of its own, ordered by table
// and shard), then shards of indexes, one at a time, then a stream, then the log.
//
// Read it in this order: key, record, table, index, read, transact, stream, log, codec, snapshot.
package engine
