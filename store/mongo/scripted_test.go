package mongo_test

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"sync"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// scripted is a server that says of itself that it is a replica set, and answers as a test
// says. It keeps what it was asked.
type scripted struct {
	t        *testing.T
	listener net.Listener

	mu     sync.Mutex // guards what follows
	asked  []bson.Raw
	answer func(command string, body bson.Raw) bson.D // nil: with an empty success
	now    uint32                                     // the time of the cluster, which each answer tells
	conns  []net.Conn
}

func newScripted(t *testing.T) *scripted {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &scripted{t: t, listener: l, now: 100}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.conns = append(s.conns, c)
			s.mu.Unlock()
			all.Go(func() { s.serve(c) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		s.mu.Lock()
		for _, c := range s.conns {
			_ = c.Close()
		}
		s.mu.Unlock()
		all.Wait()
	})
	return s
}

func (s *scripted) uri() string {
	return "mongodb://" + s.listener.Addr().String() + "/test?directConnection=true"
}

// answers sets how commands are answered from now on.
func (s *scripted) answers(f func(command string, body bson.Raw) bson.D) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer, s.asked = f, nil
}

// commands are what it was asked since, but for what keeps connections: by name.
func (s *scripted) commands(name string) (out []bson.Raw) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.asked {
		if e, err := c.IndexErr(0); err == nil && e.Key() == name {
			out = append(out, c)
		}
	}
	return out
}

const (
	opReply = 1
	opQuery = 2004
	opMsg   = 2013
)

// serve answers the messages of a connection.
func (s *scripted) serve(c net.Conn) {
	defer c.Close()
	for {
		var header [16]byte
		if _, err := io.ReadFull(c, header[:]); err != nil {
			return
		}
		message := make([]byte, binary.LittleEndian.Uint32(header[:])-16)
		if _, err := io.ReadFull(c, message); err != nil {
			return
		}
		id, op := binary.LittleEndian.Uint32(header[4:]), binary.LittleEndian.Uint32(header[12:])
		body, err := decodeMessage(op, message)
		if err != nil {
			s.t.Error(err)
			return
		}
		answer, err := bson.Marshal(s.reply(body))
		if err != nil {
			s.t.Error(err)
			return
		}
		out := append(make([]byte, 16), make([]byte, 5)...) // flags, and a section of kind 0
		respond := uint32(opMsg)
		if op == opQuery {
			out, respond = append(make([]byte, 16), make([]byte, 20)...), opReply
			binary.LittleEndian.PutUint32(out[32:], 1) // one document
		}
		out = append(out, answer...)
		binary.LittleEndian.PutUint32(out, uint32(len(out)))
		binary.LittleEndian.PutUint32(out[8:], id)
		binary.LittleEndian.PutUint32(out[12:], respond)
		if _, err := c.Write(out); err != nil {
			return
		}
	}
}

// decodeMessage returns the command of a message, with the documents of its sequences.
func decodeMessage(op uint32, message []byte) (bson.Raw, error) {
	switch op {
	case opQuery: // flags, the collection's name, two numbers
		for i := 4; i < len(message); i++ {
			if message[i] == 0 {
				return bson.Raw(message[i+9:]), nil
			}
		}
	case opMsg:
		var body bson.D
		for rest := message[4:]; len(rest) > 0; {
			kind, size := rest[0], binary.LittleEndian.Uint32(rest[1:])
			part := rest[1 : 1+size]
			rest = rest[1+size:]
			if kind == 0 {
				if err := bson.Unmarshal(part, &body); err != nil {
					return nil, err
				}
				continue
			}
			end := 4
			for part[end] != 0 {
				end++
			}
			var docs bson.A
			for at := end + 1; at < len(part); {
				n := int(binary.LittleEndian.Uint32(part[at:]))
				docs = append(docs, bson.Raw(part[at:at+n]))
				at += n
			}
			body = append(body, bson.E{Key: string(part[4:end]), Value: docs})
		}
		return bson.Marshal(body)
	}
	return nil, errors.New("a message of an unknown kind")
}

// reply answers a command. Each answer is a tick later than the one before.
func (s *scripted) reply(body bson.Raw) bson.D {
	first, err := body.IndexErr(0)
	if err != nil {
		s.t.Error(err)
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var out bson.D
	switch command := first.Key(); command {
	case "hello", "isMaster", "ismaster":
		me := s.listener.Addr().String()
		out = bson.D{
			{Key: "ismaster", Value: true}, {Key: "isWritablePrimary", Value: true}, {Key: "setName", Value: "rs"}, {Key: "hosts", Value: bson.A{me}}, {Key: "me", Value: me},
			{Key: "maxBsonObjectSize", Value: 16 << 20}, {Key: "maxMessageSizeBytes", Value: 48 << 20}, {Key: "maxWriteBatchSize", Value: 100000},
			{Key: "minWireVersion", Value: 0}, {Key: "maxWireVersion", Value: 21}, {Key: "logicalSessionTimeoutMinutes", Value: 30},
		}
	default:
		s.asked = append(s.asked, body)
		if s.answer != nil {
			out = s.answer(command, body)
		}
		if out == nil && (command == "find" || command == "listIndexes") {
			out = found()
		}
		s.now++
	}
	at := bson.Timestamp{T: s.now}
	return append(out, bson.D{
		{Key: "ok", Value: 1}, {Key: "operationTime", Value: at},
		{Key: "$clusterTime", Value: bson.D{{Key: "clusterTime", Value: at}, {Key: "signature", Value: bson.D{{Key: "hash", Value: []byte{0}}, {Key: "keyId", Value: int64(0)}}}}},
	}...)
}

// found is the answer of find.
func found(docs ...any) bson.D {
	return bson.D{{Key: "cursor", Value: bson.D{{Key: "id", Value: int64(0)}, {Key: "ns", Value: "test.x"}, {Key: "firstBatch", Value: append(bson.A{}, docs...)}}}}
}
