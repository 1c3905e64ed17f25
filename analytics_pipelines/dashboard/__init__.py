"""The pages that people open in a browser.

Here: `GET /`, the state of the platform as a page or as JSON. Not here: a number that a room does not publish;
the page reads generations and asks whether the database answers.

    curl -H 'Accept: application/json' http://127.0.0.1:8000/
"""
