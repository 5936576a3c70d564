package intercept

// QueueURLs is a form of queue URLs.
type QueueURLs string

// The forms. All but DynamicQueueURLs use Options.Host.
const (
	DynamicQueueURLs  QueueURLs = "dynamic"  // http://<the caller's host>/<account>/<name>
	StandardQueueURLs QueueURLs = "standard" // http://sqs.<region>.<host>/<account>/<name>
	DomainQueueURLs   QueueURLs = "domain"   // http://<region>.queue.<host>/<account>/<name>
	PathQueueURLs     QueueURLs = "path"     // http://<host>/queue/<region>/<account>/<name>
	OffQueueURLs      QueueURLs = "off"      // http://<host>/<account>/<name>
)
