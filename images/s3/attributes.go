package s3

import (
	"context"
	"slices"
	"strings"

	"localcloud/images/s3/store"
)

var objectAttributes = []string{"ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"}

// getObjectAttributes performs GetObjectAttributes.
func (b *Backend) getObjectAttributes(ctx context.Context, in *GetObjectAttributesInput) (*GetObjectAttributesOutput, error) {
	wanted, err := attributesOf(in.ObjectAttributes)
	if err != nil {
		return nil, err
	}
	bucket, err := b.bucket(in.Bucket)
	if err != nil {
		return nil, err
	}
	id := deref(in.VersionId)
	if in.VersionId != nil && !store.ValidVersionID(id) {
		return nil, invalidArgument("versionId", id, "Invalid version id specified")
	}
	held := bucket.Hold(in.Key, id)
	defer held.Release()
	if err := checkFound(bucket, held, in.Key, id, requestFrom(ctx).req.Method); err != nil {
		return nil, err
	}
	v := held.Version
	out := &GetObjectAttributesOutput{LastModified: ptr(v.ModifiedTime()), VersionId: shownID(bucket, v)}
	for _, name := range wanted {
		if err := out.set(name, v, in); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// attributesOf reads the names of attributes, which may come in one header with commas and spaces.
func attributesOf(values []string) ([]string, error) {
	var wanted []string
	for _, value := range values {
		for name := range strings.SplitSeq(value, ",") {
			if name = strings.TrimSpace(name); !slices.Contains(objectAttributes, name) {
				return nil, invalidArgument("x-amz-object-attributes", name, "Invalid attribute name specified.")
			}
			wanted = append(wanted, name)
		}
	}
	return wanted, nil
}

func (out *GetObjectAttributesOutput) set(name string, v *store.Version, in *GetObjectAttributesInput) (err error) {
	switch name {
	case "ETag":
		out.ETag = ptr(v.ETag())
	case "StorageClass":
		out.StorageClass = ptr(shownClass(v.Info.StorageClass))
	case "ObjectSize":
		out.ObjectSize = &v.Size
	case "Checksum":
		if sum := v.Info.Checksum; sum.Algorithm != "" {
			out.Checksum = &Checksum{ChecksumType: ptr(sum.Type)}
			setSum(sum.Algorithm, sum.Value, &out.Checksum.ChecksumCRC32, &out.Checksum.ChecksumCRC32C, &out.Checksum.ChecksumCRC64NVME, &out.Checksum.ChecksumSHA1, &out.Checksum.ChecksumSHA256)
		}
	case "ObjectParts":
		if v.PartSum > 0 {
			out.ObjectParts, err = attributeParts(v, in)
		}
	}
	return err
}

// attributeParts tells how many parts there were, and of each one what is known where it had a
// checksum of its own.
func attributeParts(v *store.Version, in *GetObjectAttributesInput) (*GetObjectAttributesParts, error) {
	parts := &GetObjectAttributesParts{TotalPartsCount: ptr(int32(v.PartSum))}
	if v.Info.Checksum.Type != composite {
		return parts, nil
	}
	max, err := pageSize("max-parts", in.MaxParts)
	if err != nil {
		return nil, err
	}
	marker := deref(in.PartNumberMarker)
	parts.MaxParts, parts.PartNumberMarker = ptr(int32(max)), &marker
	parts.NextPartNumberMarker, parts.IsTruncated = new(int32), ptr(false)
	for i, p := range v.Info.Parts {
		number := int32(i + 1) // parts are numbered anew
		if number <= marker {
			continue
		}
		if len(parts.Parts) == max {
			parts.IsTruncated = ptr(true)
			break
		}
		shown := ObjectPart{PartNumber: &number, Size: ptr(p.Size)}
		setSum(v.Info.Checksum.Algorithm, p.Checksum, &shown.ChecksumCRC32, &shown.ChecksumCRC32C, &shown.ChecksumCRC64NVME, &shown.ChecksumSHA1, &shown.ChecksumSHA256)
		parts.Parts = append(parts.Parts, shown)
		parts.NextPartNumberMarker = &number
	}
	return parts, nil
}
