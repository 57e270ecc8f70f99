// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IOpenToken} from "../../token/IOpenToken.sol";
import {Cheats} from "./Cheats.sol";

/// An account that is a contract and whose signatures are its key's (ERC-1271).
contract KeyedAccount {
    address internal immutable KEY_HOLDER;

    constructor(address keyHolder) {
        KEY_HOLDER = keyHolder;
    }

    function isValidSignature(bytes32 digest, bytes memory signature) external view returns (bytes4) {
        (bytes32 r, bytes32 s) = abi.decode(signature, (bytes32, bytes32));
        bool good = ecrecover(digest, uint8(signature[64]), r, s) == KEY_HOLDER;
        return good ? this.isValidSignature.selector : bytes4(0xffffffff);
    }
}

/// Signs and sends the authorisations of EIP-3009, spelt out apart from the contract's code.
abstract contract Authorizing is Cheats {
    struct Authorization {
        address from;
        address to;
        uint256 value;
        uint256 validAfter;
        uint256 validBefore;
        bytes32 nonce;
    }

    // As the EIP prints them.
    bytes32 internal constant TRANSFER_TYPEHASH = 0x7c7c6cdb67a18743f49ec6fa9b35f50d52ed05cbed4cc592e13b44501c1a2267;
    bytes32 internal constant RECEIVE_TYPEHASH = 0xd099cc98ef71107a616c4f0f941f04c322d8e254fe26b3c6668db87aae413de8;
    bytes32 internal constant CANCEL_TYPEHASH = 0x158b0a9edf7a828aad02f63cd515c68ef2f50ba807396f6d12842833a1597429;
    uint256 internal constant KINDS = 4; // transfer by v, r, s; by bytes; receive by v, r, s; by bytes

    function useOf(uint256 kind, Authorization memory a) internal pure returns (bytes32) {
        bytes32 typeHash = kind < 2 ? TRANSFER_TYPEHASH : RECEIVE_TYPEHASH;
        return keccak256(abi.encode(typeHash, a.from, a.to, a.value, a.validAfter, a.validBefore, a.nonce));
    }

    function domainOf(address token, string memory name) internal view returns (bytes32) {
        bytes32 typeHash = keccak256(
            "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
        );
        return keccak256(abi.encode(typeHash, keccak256(bytes(name)), keccak256("1"), block.chainid, token));
    }

    function signed(uint256 key, bytes32 domain, bytes32 structHash) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, keccak256(abi.encodePacked("\x19\x01", domain, structHash)));
        return abi.encodePacked(r, s, v);
    }

    function parts(bytes memory signature) internal pure returns (uint8 v, bytes32 r, bytes32 s) {
        (r, s) = abi.decode(signature, (bytes32, bytes32));
        v = uint8(signature[64]);
    }

    /// From whoever is pranked.
    function carryOut(IOpenToken token, uint256 kind, Authorization memory a, bytes memory signature) internal {
        if (kind == 1) {
            token.transferWithAuthorization(a.from, a.to, a.value, a.validAfter, a.validBefore, a.nonce, signature);
        } else if (kind == 3) {
            token.receiveWithAuthorization(a.from, a.to, a.value, a.validAfter, a.validBefore, a.nonce, signature);
        } else {
            (uint8 v, bytes32 r, bytes32 s) = parts(signature);
            if (kind == 0) {
                token.transferWithAuthorization(a.from, a.to, a.value, a.validAfter, a.validBefore, a.nonce, v, r, s);
            } else {
                token.receiveWithAuthorization(a.from, a.to, a.value, a.validAfter, a.validBefore, a.nonce, v, r, s);
            }
        }
    }
}
