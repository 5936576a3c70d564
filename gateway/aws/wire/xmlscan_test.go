package wire

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"localcloud/gateway/aws"
)

func TestXMLIsReadAsS3ReadsIt(t *testing.T) {
	const good = "MalformedXML never"
	for _, test := range []struct{ name, body, value string }{
		{"plain", `<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>`, "v"},
		{"declaration, comments, white space", "\ufeff<?xml version=\"1.0\"?>\n<!-- a -->\n<Tagging>\n <TagSet> <Tag><!-- b --><Key>k</Key>\n<Value>v</Value></Tag></TagSet></Tagging>\n<!-- c -->\n", "v"},
		{"namespaces and prefixes", `<s:Tagging xmlns:s="http://s3.amazonaws.com/doc/2006-03-01/"><s:TagSet><s:Tag a='1>2'><s:Key>k</s:Key><s:Value>v</s:Value></s:Tag></s:TagSet></s:Tagging>`, "v"},
		{"references and CDATA", `<Tagging><TagSet><Tag><Key>k</Key><Value>&lt;&#65;<![CDATA[&<b>]]>&#x42;</Value></Tag></TagSet></Tagging>`, "<A&<b>B"},
		{"white space that counts", "<Tagging><TagSet><Tag><Key>k</Key><Value> a\r\nb </Value></Tag></TagSet></Tagging>", " a\nb "},
		{"an empty element", `<Tagging><TagSet><Tag><Key>k</Key><Value/></Tag></TagSet></Tagging>`, ""},
		{"text behind the root", `<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>x`, good},
		{"two roots", `<Tagging><TagSet/></Tagging><Tagging/>`, good},
		{"text before the root", `x<Tagging><TagSet/></Tagging>`, good},
		{"wrong end tag", `<Tagging><TagSet></Tagging></TagSet>`, good},
		{"no end tag", `<Tagging><TagSet><Tag>`, good},
		{"unknown reference", `<Tagging><TagSet><Tag><Key>&nbsp;</Key><Value/></Tag></TagSet></Tagging>`, good},
		{"element in a text", `<Tagging><TagSet><Tag><Key><b>k</b></Key><Value/></Tag></TagSet></Tagging>`, good},
		{"no UTF-8", "<Tagging><TagSet><Tag><Key>\xff</Key><Value/></Tag></TagSet></Tagging>", good},
		{"control character", "<Tagging><TagSet><Tag><Key>\x01</Key><Value/></Tag></TagSet></Tagging>", good},
		{"attribute without quotes", `<Tagging a=b><TagSet/></Tagging>`, good},
	} {
		t.Run(test.name, func(t *testing.T) {
			call := callOf("s3", "PutBucketTagging", aws.RestXML)
			call.Path = "/b"
			in := map[string]any{}
			err := DecodeRequest(call, httptest.NewRequest(http.MethodPut, "/b?tagging", strings.NewReader(test.body)), &in, Options{})
			if test.value == good {
				if e := asAWS(err); e == nil || e.Code != "MalformedXML" {
					t.Errorf("got %v, %v, want MalformedXML", in, err)
				}
				return
			}
			want := map[string]any{"TagSet": []any{map[string]any{"Key": "k", "Value": test.value}}}
			if err != nil {
				t.Fatal(err)
			}
			if err := same(want, in["Tagging"]); err != nil {
				t.Error(err)
			}
		})
	}
}
