"""A world made from the service models: it answers any read operation of any service.

Seeded and deterministic. ``naming`` and ``documentation`` say what names and words mean by plain
rules of their own, ``operations`` what one operation lists or gets, ``things`` which things there
are, ``answers`` what is answered, and ``peer`` stands in a session's place of a fetcher.

It decides by itself what names a thing (the same noun with id, name, arn or url), so that it can
find where the catalog decides otherwise; of the product it uses the API's model, the words of a
name, the wire (requests are serialised, answers are real bytes) and the discovery of places.
"""
