// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {IOpenToken} from "./IOpenToken.sol";

/// @title Transfers by signature (EIP-3009)
/// @notice See IOpenToken.
/// @dev OpenZeppelin's draft keeps a bool per nonce; a struct hash costs the same slot and says what was signed. Plain transfers
/// read and write nothing of this.
abstract contract Authorizations is ERC20Permit, IOpenToken {
    bytes32 private constant TRANSFER_TYPEHASH = keccak256(
        "TransferWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
    );
    bytes32 private constant RECEIVE_TYPEHASH = keccak256(
        "ReceiveWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
    );
    bytes32 private constant CANCEL_TYPEHASH = keccak256("CancelAuthorization(address authorizer,bytes32 nonce)");
    bytes32 private constant CANCELED = bytes32(uint256(1));

    /// @inheritdoc IOpenToken
    mapping(address authorizer => mapping(bytes32 nonce => bytes32)) public authorizationUse;

    /// @inheritdoc IOpenToken
    function transferWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external {
        bytes32 use = _checked(TRANSFER_TYPEHASH, from, to, value, validAfter, validBefore, nonce);
        _checkSignature(from, use, v, r, s);
        _carryOut(from, to, value, nonce, use);
    }

    /// @inheritdoc IOpenToken
    function transferWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external {
        bytes32 use = _checked(TRANSFER_TYPEHASH, from, to, value, validAfter, validBefore, nonce);
        _checkSignature(from, use, signature);
        _carryOut(from, to, value, nonce, use);
    }

    /// @inheritdoc IOpenToken
    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external {
        require(msg.sender == to, OpenAuthorizationNotPayee(msg.sender, to));
        bytes32 use = _checked(RECEIVE_TYPEHASH, from, to, value, validAfter, validBefore, nonce);
        _checkSignature(from, use, v, r, s);
        _carryOut(from, to, value, nonce, use);
    }

    /// @inheritdoc IOpenToken
    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external {
        require(msg.sender == to, OpenAuthorizationNotPayee(msg.sender, to));
        bytes32 use = _checked(RECEIVE_TYPEHASH, from, to, value, validAfter, validBefore, nonce);
        _checkSignature(from, use, signature);
        _carryOut(from, to, value, nonce, use);
    }

    /// @inheritdoc IOpenToken
    function cancelAuthorization(address authorizer, bytes32 nonce, uint8 v, bytes32 r, bytes32 s) external {
        _checkUnspent(authorizer, nonce);
        _checkSignature(authorizer, keccak256(abi.encode(CANCEL_TYPEHASH, authorizer, nonce)), v, r, s);
        _cancel(authorizer, nonce);
    }

    /// @inheritdoc IOpenToken
    function cancelAuthorization(address authorizer, bytes32 nonce, bytes calldata signature) external {
        _checkUnspent(authorizer, nonce);
        _checkSignature(authorizer, keccak256(abi.encode(CANCEL_TYPEHASH, authorizer, nonce)), signature);
        _cancel(authorizer, nonce);
    }

    /// @inheritdoc IOpenToken
    function authorizationState(address authorizer, bytes32 nonce) external view returns (bool spent) {
        return authorizationUse[authorizer][nonce] != 0;
    }

    /// @inheritdoc ERC20Permit
    function nonces(address owner) public view override(ERC20Permit, IERC20Permit) returns (uint256) {
        return super.nonces(owner);
    }

    function _carryOut(address from, address to, uint256 value, bytes32 nonce, bytes32 use) private {
        authorizationUse[from][nonce] = use;
        emit AuthorizationUsed(from, nonce);
        _transfer(from, to, value);
    }

    function _cancel(address authorizer, bytes32 nonce) private {
        authorizationUse[authorizer][nonce] = CANCELED;
        emit AuthorizationCanceled(authorizer, nonce);
    }

    /// @dev The struct hash, once time and nonce are found good.
    function _checked(
        bytes32 typeHash,
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce
    ) private view returns (bytes32 use) {
        require(block.timestamp > validAfter, OpenAuthorizationEarly(validAfter));
        require(block.timestamp < validBefore, OpenAuthorizationLate(validBefore));
        _checkUnspent(from, nonce);
        return keccak256(abi.encode(typeHash, from, to, value, validAfter, validBefore, nonce));
    }

    function _checkUnspent(address authorizer, bytes32 nonce) private view {
        bytes32 use = authorizationUse[authorizer][nonce];
        require(use == 0, OpenAuthorizationSpent(authorizer, nonce, use));
    }

    function _checkSignature(address signer, bytes32 structHash, uint8 v, bytes32 r, bytes32 s) private view {
        (address recovered, ECDSA.RecoverError fault, ) = ECDSA.tryRecover(_hashTypedDataV4(structHash), v, r, s);
        bool good = fault == ECDSA.RecoverError.NoError && recovered == signer;
        require(good, OpenAuthorizationUnsigned(signer));
    }

    function _checkSignature(address signer, bytes32 structHash, bytes calldata signature) private view {
        bytes32 digest = _hashTypedDataV4(structHash);
        bool good = SignatureChecker.isValidSignatureNowCalldata(signer, digest, signature);
        require(good, OpenAuthorizationUnsigned(signer));
    }
}
