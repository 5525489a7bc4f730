package storage

import "sshforum/forum"

type fileRow struct {
	Line     uint64 `cbor:"1,keyasint,omitempty"`
	From     uint64 `cbor:"2,keyasint,omitempty"`
	Blob     []byte `cbor:"3,keyasint,omitempty"`
	Size     int64  `cbor:"4,keyasint,omitempty"`
	SHA256   []byte `cbor:"5,keyasint,omitempty"`
	Uploaded int64  `cbor:"6,keyasint,omitempty"`
	Modified *int64 `cbor:"7,keyasint,omitempty"`

	Placeholder bool   `cbor:"8,keyasint,omitempty"`
	Origin      []byte `cbor:"9,keyasint,omitempty"` // left out if it equals Blob
}

func newFileRow(f forum.File) fileRow {
	row := fileRow{
		Line: f.Line, From: uint64(f.From), Blob: f.Blob[:], Size: f.Size, SHA256: f.SHA256[:],
		Uploaded: toNanos(f.Uploaded), Modified: toMoment(f.Modified), Placeholder: f.Placeholder,
	}
	if f.Origin != f.Blob {
		row.Origin = f.Origin[:]
	}
	return row
}

func (row fileRow) file(at filePlace) forum.File {
	f := forum.File{
		Folder: at.in, Name: at.name, Line: row.Line, From: forum.UserID(row.From), Size: row.Size,
		Uploaded: fromNanos(row.Uploaded), Modified: fromMoment(row.Modified), Placeholder: row.Placeholder,
	}
	copy(f.Blob[:], row.Blob)
	if f.Origin = f.Blob; len(row.Origin) > 0 {
		copy(f.Origin[:], row.Origin)
	}
	copy(f.SHA256[:], row.SHA256)
	return f
}

type partRow struct {
	Blob     []byte `cbor:"1,keyasint,omitempty"`
	Size     int64  `cbor:"2,keyasint,omitempty"`
	Whole    bool   `cbor:"3,keyasint,omitempty"`
	SHA256   []byte `cbor:"4,keyasint,omitempty"`
	Modified *int64 `cbor:"5,keyasint,omitempty"`
	Touched  int64  `cbor:"6,keyasint,omitempty"`

	Placeholder bool   `cbor:"7,keyasint,omitempty"`
	Writer      []byte `cbor:"8,keyasint,omitempty"`
}

func newPartRow(p forum.Part) partRow {
	row := partRow{
		Blob: p.Blob[:], Size: p.Size, Whole: p.Whole, Modified: toMoment(p.Modified), Touched: toNanos(p.Touched),
		Placeholder: p.Placeholder, Writer: p.Writer[:],
	}
	if p.SHA256 != [32]byte{} {
		row.SHA256 = p.SHA256[:]
	}
	return row
}

func (row partRow) part(at partPlace) forum.Part {
	p := forum.Part{
		Folder: at.in, Name: at.name, Owner: at.owner, Size: row.Size, Whole: row.Whole,
		Modified: fromMoment(row.Modified), Touched: fromNanos(row.Touched), Placeholder: row.Placeholder,
	}
	copy(p.Blob[:], row.Blob)
	copy(p.Writer[:], row.Writer)
	copy(p.SHA256[:], row.SHA256)
	return p
}

type contentRow struct {
	Blob []byte `cbor:"1,keyasint,omitempty"`
	Refs uint64 `cbor:"2,keyasint,omitempty"`
}

func newContentRow(c forum.Content) contentRow { return contentRow{Blob: c.Blob[:], Refs: c.Refs} }

func (row contentRow) content(sha256 [32]byte) forum.Content {
	c := forum.Content{SHA256: sha256, Refs: row.Refs}
	copy(c.Blob[:], row.Blob)
	return c
}
