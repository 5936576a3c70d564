package config

// Template is the file that `localcloud config init` writes: every setting with its default.
const Template = `# localcloud.yaml: what this project's cloud looks like. Every line may be left out.
# Flags stand over the environment (LOCALCLOUD_...), the environment over this file.

# project: shop                # default: the name of this folder
# runtime: auto                # auto, docker or local
# listen: 127.0.0.1:4566       # one address or a list
# classic-ports: false         # also listen on 4567-4599, one port a service
# services: [s3, sqs]          # started at once; others start at their first call
# strict: false                # refuse services that are not listed
# persistence: false           # keep state over down and up

# What answers the calls of a service: a name of ` + "`localcloud images list`" + `, an image,
# an address where it already runs, a command of this machine, native, or none.
# backends:
#   sqs: moto
#   kinesis: http://10.0.0.5:4567
#   ssm: ["moto_server", "-p", "{port}"]
#   s3: {image: "versity/versitygw:v1.8.0", port: 7070, env: {VGW_REGION: eu-west-1}, memory: 256MiB}
#   "*": moto                  # every service that has no backend of its own

# host: localhost:4566         # host name in answers; default: the one the caller used
# queue-urls: dynamic          # dynamic, standard, domain, path or off
# cors-origins: https://app.example.com   # further origins that browsers may call from, or a list
# no-cors: false               # leave all CORS headers out
# signatures: ignore           # ignore or verify
# log: info                    # debug, info, warn or error
`
