"""Uses PynamoDB, an object mapper. usage: pynamo.py ENDPOINT"""

import sys

from pynamodb.attributes import ListAttribute, NumberAttribute, UnicodeAttribute, UnicodeSetAttribute, VersionAttribute
from pynamodb.exceptions import UpdateError
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex
from pynamodb.models import Model


class ByKind(GlobalSecondaryIndex):
    class Meta:
        index_name = "by-kind"
        projection = AllProjection()

    kind = UnicodeAttribute(hash_key=True)


class Thing(Model):
    class Meta:
        table_name = "pynamo"
        host = sys.argv[1]
        region = "us-east-1"
        aws_access_key_id = "test"
        aws_secret_access_key = "test"
        billing_mode = "PAY_PER_REQUEST"

    pk = UnicodeAttribute(hash_key=True)
    sk = NumberAttribute(range_key=True)
    kind = UnicodeAttribute()
    tags = UnicodeSetAttribute(null=True)
    items = ListAttribute(default=list)
    version = VersionAttribute()
    by_kind = ByKind()


Thing.create_table(wait=True)
for i in range(5):
    Thing("a", i, kind="k", tags={"x", "y"}, items=[i]).save()
assert [t.sk for t in Thing.query("a", Thing.sk > 1)] == [2, 3, 4]
assert len(list(Thing.by_kind.query("k"))) == 5
thing = Thing.get("a", 2)
thing.update(actions=[Thing.items.set(Thing.items.append([9])), Thing.tags.delete({"x"})], condition=Thing.kind == "k")
assert thing.items == [2, 9] and thing.tags == {"y"} and thing.version == 2
stale = Thing("a", 2, kind="k")
stale.version = 1
try:
    stale.update(actions=[Thing.kind.set("z")])
    raise AssertionError("an old version is taken")
except UpdateError:
    pass
with Thing.batch_write() as batch:
    for t in list(Thing.scan()):
        batch.delete(t)
assert Thing.count("a") == 0
