#!/bin/sh
# The AWS CLI as its users use it. usage: cli.sh ENDPOINT FOLDER
set -eu
export AWS_ENDPOINT_URL="$1" AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_DEFAULT_REGION=us-east-1 AWS_PAGER=
cd "$2"
mkdir tree
i=0
while [ $i -lt "${FILES:-200}" ]; do
	mkdir -p "tree/d$((i % 10))/e $((i % 7))"
	printf 'file %d' $i >"tree/d$((i % 10))/e $((i % 7))/f$i.txt"
	i=$((i + 1))
done
aws s3 mb s3://cli-sync
aws s3 sync --only-show-errors tree s3://cli-sync/tree
aws s3 sync --only-show-errors s3://cli-sync/tree back
diff -r tree back
again="$(aws s3 sync tree s3://cli-sync/tree)"
test -z "$again"
head -c "${BYTES:-20000000}" /dev/urandom >big
aws s3 cp --only-show-errors big s3://cli-sync/big
aws s3 mv --only-show-errors s3://cli-sync/big s3://cli-sync/moved
aws s3 cp --only-show-errors s3://cli-sync/moved big2
cmp big big2
test "$(echo hello | aws s3 cp - s3://cli-sync/stdin && aws s3 cp s3://cli-sync/stdin -)" = hello
aws s3 presign s3://cli-sync/stdin >url
python3 -c 'import sys, urllib.request; assert urllib.request.urlopen(sys.argv[1]).read() == b"hello\n"' "$(cat url)"
test "$(aws s3api get-object-attributes --bucket cli-sync --key moved --object-attributes ObjectSize --query ObjectSize)" = "${BYTES:-20000000}"
aws s3 rb --force s3://cli-sync >/dev/null
