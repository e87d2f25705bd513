"""The OpenAPI document of an application, and a page to read and try it."""

from .extension import OpenAPI as OpenAPI
