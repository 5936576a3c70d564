package main

// suite is the conformance suite of one service.
type suite struct {
	Service  string   // its program is conformance-<service>
	Tests    string   // which of the program's tests belong to the suite
	Native   bool     // there is a native backend
	Backends []string // third-party ones in the matrix
}

// suites is the list of all.
var suites = []suite{
	{"s3", "^Test(Answers|ChunkedBodies|Regions|VirtualHosts|Forms|Keys|Checksums|UploadManager|Versions|Presigned|MinioClient)$", true, []string{"versitygw", "moto"}},
	{"sqs", "^TestEndpoint$", true, []string{"elasticmq", "moto"}},
	{"sns", "^TestEndpoint$", true, []string{"moto"}},
	{"dynamodb", "^TestEndpoint$", true, []string{"dynamodb-local", "dynalite", "moto"}},
	{"kinesis", "^TestEndpoint$", false, []string{"kinesis-local", "moto"}},
	{"sts", "^TestEndpoint$", true, []string{"moto"}},
	{"ssm", "^TestEndpoint$", false, []string{"moto"}},
	{"secretsmanager", "^TestEndpoint$", false, []string{"moto"}},
	{"kms", "^TestEndpoint$", false, []string{"moto"}},
	{"iam", "^TestEndpoint$", false, []string{"moto"}},
}

func suiteOf(service string) *suite {
	for i := range suites {
		if suites[i].Service == service {
			return &suites[i]
		}
	}
	return nil
}

func services() []string {
	names := make([]string, len(suites))
	for i := range suites {
		names[i] = suites[i].Service
	}
	return names
}
