#!/usr/bin/env python3
"""Stands in for Kafka's image: librdkafka's mock cluster, and as much of two of Kafka's tools as docker-compose.yml needs.

The mock listens on loopback and tells clients so. Each connection to port 9092 is forwarded to it, one request after the other as
brokers do, and its answers are made to name the advertised listener. It cannot create topics: that is answered here, without the
topics' settings. The name by which this file is called decides which program it is.
"""
import argparse
import contextlib
import ctypes
import os
import re
import signal
import socket
import socketserver
import struct
import sys

METADATA, FIND_COORDINATOR, API_VERSIONS, CREATE_TOPICS = 3, 10, 18, 19  # keys of requests
CREATE_TOPICS_VERSION = 4  # the one that is known here
ALREADY_EXISTS = 36


class Mock:
    """The cluster, of one broker."""

    def __init__(self):
        self.library = ctypes.CDLL(os.path.join(os.path.dirname(os.path.realpath(__file__)), 'centos8-librdkafka.so'))
        error = ctypes.create_string_buffer(512)
        client = self.call('rd_kafka_new', ctypes.c_void_p, 0, ctypes.c_void_p(self.call('rd_kafka_conf_new', ctypes.c_void_p)), error, 512)
        self.cluster = ctypes.c_void_p(self.call('rd_kafka_mock_cluster_new', ctypes.c_void_p, ctypes.c_void_p(client), 1))
        host, port = self.call('rd_kafka_mock_cluster_bootstraps', ctypes.c_char_p, self.cluster).split(b':')
        self.address = host, int(port)

    def call(self, function, result, *arguments):
        function = getattr(self.library, function)
        function.restype = result
        return function(*arguments)

    def create(self, topic, partitions):
        return self.call('rd_kafka_mock_topic_create', ctypes.c_int, self.cluster, topic, partitions, 1)


class Fields:
    """The fields of a request, one after the other."""

    def __init__(self, request):
        self.request, self.position = request, 0

    def take(self, form):
        value, = struct.unpack_from('>' + form, self.request, self.position)
        self.position += struct.calcsize('>' + form)
        return value

    def text(self):
        length = max(0, self.take('h'))
        return self.take(f'{length}s')


class Connection(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True

    def handle(self):
        with contextlib.suppress(ConnectionError), socket.create_connection(self.server.mock.address) as broker:
            broker.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            answers = broker.makefile('rb')
            while request := frame(self.rfile):
                key, version = struct.unpack_from('>hh', request)
                if key == CREATE_TOPICS:
                    answer = self.create(Fields(request))
                else:
                    broker.sendall(framed(request))
                    answer = frame(answers)
                if key == API_VERSIONS:
                    answer = with_create_topics(answer, version)
                elif key in (METADATA, FIND_COORDINATOR):
                    answer = self.advertise(answer)
                self.wfile.write(framed(answer))

    def create(self, fields):
        fields.take('i')
        correlation = fields.take('i')
        fields.text()
        topics = []
        for _ in range(fields.take('i')):
            name, partitions, _ = fields.text(), fields.take('i'), fields.take('h')
            for _ in range(fields.take('i')):
                fields.take('i')
                for _ in range(fields.take('i')):
                    fields.take('i')
            for _ in range(fields.take('i')):
                fields.text(), fields.text()
            topics.append(text(name) + struct.pack('>hh', self.server.mock.create(name, partitions), -1))
        return struct.pack('>iii', correlation, 0, len(topics)) + b''.join(topics)

    def advertise(self, answer):
        host, port = self.server.mock.address
        name, number = self.server.advertised
        for string in (text, compact_text):
            answer = answer.replace(string(host) + struct.pack('>i', port), string(name) + struct.pack('>i', number))
        return re.sub(rb'(mockCluster[0-9a-f]+)\0{4}', b'\\1\0\0\0\1', answer)  # its controller, which it calls 0


def with_create_topics(answer, version):
    """After correlation and error comes the array of keys, each with its first and last version."""
    known = struct.pack('>hhh', CREATE_TOPICS, CREATE_TOPICS_VERSION, CREATE_TOPICS_VERSION)
    if version < 3:
        return answer[:6] + struct.pack('>i', struct.unpack_from('>i', answer, 6)[0] + 1) + known + answer[10:]
    return answer[:6] + bytes([answer[6] + 1]) + known + b'\0' + answer[7:]


def text(value):
    return struct.pack('>h', len(value)) + value


def compact_text(value):
    return bytes([len(value) + 1]) + value


def framed(message):
    return struct.pack('>i', len(message)) + message


def frame(stream):
    size = stream.read(4)
    return stream.read(struct.unpack('>i', size)[0]) if len(size) == 4 else None


def ask(server, key, version, body):
    """The answer of a broker, without its correlation."""
    host, port = server.split(':')
    with socket.create_connection((host, int(port)), timeout=5) as broker:
        broker.sendall(framed(struct.pack('>hhi', key, version, 0) + text(b'') + body))
        return frame(broker.makefile('rb'))[4:]


def serve():
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))  # else the first process of a container takes no notice
    server = socketserver.ThreadingTCPServer(('', 9092), Connection)
    server.daemon_threads = True
    server.mock = Mock()
    host, port = re.fullmatch(r'PLAINTEXT://(.+):(\d+)', os.environ['KAFKA_ADVERTISED_LISTENERS']).groups()
    server.advertised = host.encode(), int(port)
    server.serve_forever()


def main():
    program = os.path.basename(sys.argv[0])
    arguments = argparse.ArgumentParser()
    arguments.add_argument('--bootstrap-server', required=True)
    if program == 'kafka-topics.sh':
        arguments.add_argument('--create', action='store_true', required=True)
        arguments.add_argument('--if-not-exists', action='store_true')
        arguments.add_argument('--topic', required=True)
        arguments.add_argument('--partitions', type=int, required=True)
        given = arguments.parse_args()
        topic = struct.pack('>i', 1) + text(given.topic.encode()) + struct.pack('>ihii', given.partitions, 1, 0, 0)
        answer = ask(given.bootstrap_server, CREATE_TOPICS, CREATE_TOPICS_VERSION, topic + struct.pack('>ib', 5000, 0))
        error = struct.unpack('>hh', answer[-4:])[0]
        sys.exit(0 if error == 0 or (error == ALREADY_EXISTS and given.if_not_exists) else f'error {error}')
    if program == 'kafka-broker-api-versions.sh':
        answer = ask(arguments.parse_args().bootstrap_server, API_VERSIONS, 0, b'')
        sys.exit(struct.unpack_from('>h', answer)[0])
    serve()


if __name__ == '__main__':
    main()
